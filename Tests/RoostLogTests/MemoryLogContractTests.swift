import RoostLog
import RoostTesting
import Testing

@Suite("The log in memory")
struct MemoryLogContractTests {
    @Test("keeps the contract", arguments: EventLogContract.checks)
    func keepsTheContract(_ check: EventLogContract.Check) async throws {
        try await check.run(on: .init(make: { MemoryLog(identity: $0) }))
    }
}
