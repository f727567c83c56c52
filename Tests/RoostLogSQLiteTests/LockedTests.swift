import RoostCore
import RoostLog
import RoostLogSQLite
import RoostTesting
import Testing

@Suite("A writer that finds the file locked", .timeLimit(.minutes(1)))
struct LockedTests {
    @Test("is told that it lost the partition where it did, and otherwise to try again")
    func locked() async throws {
        let disk = try LogOnDisk()
        let older = try await disk.claim(1)
        func code(of writer: any PartitionWriter) async throws -> EventLogError.Code? {
            let error = try await disk.whileLocked {
                await #expect(throws: EventLogError.self) {
                    _ = try await writer.append(
                        [.sample(to: "stock/a", command: "1")], at: Timestamp(seconds: 1_700_000_000))
                }
            }
            return error?.code
        }
        #expect(try await code(of: older) == .unavailable)
        let newer = try await disk.reopened().claim(LogOnDisk.partition, .sample(2))
        #expect(try await code(of: older) == .fenced)
        #expect(try await code(of: newer) == .unavailable)
        _ = try await newer.append([.sample(to: "stock/a", command: "1")], at: Timestamp(seconds: 1_700_000_000))
        #expect(try disk.reader.head().position.rawValue == 1)
        await newer.close()
    }
}
