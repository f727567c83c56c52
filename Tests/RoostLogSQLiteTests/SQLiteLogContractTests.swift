import RoostLog
import RoostLogSQLite
import RoostTesting
import Synchronization
import Testing

@Suite("The log on disk")
struct SQLiteLogContractTests {
    @Test("keeps the contract", arguments: EventLogContract.checks)
    func keepsTheContract(_ check: EventLogContract.Check) async throws {
        let made = Mutex<LogOnDisk?>(nil)
        defer { made.withLock { $0 = nil } }
        try await check.run(
            on: .init(
                make: { _ in
                    let disk = try LogOnDisk()
                    made.withLock { $0 = disk }
                    return disk.log
                },
                reopen: { log in try made.withLock { try $0?.reopened() } ?? log }))
    }
}
