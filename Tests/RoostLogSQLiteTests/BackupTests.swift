import Foundation
import RoostCore
import RoostLog
import RoostTesting
import Synchronization
import Testing

@testable import RoostLogSQLite

@Suite("A backup of a log", .timeLimit(.minutes(2)))
struct BackupTests {
    /// Looking at all partitions takes longer than an answer: between the two that answer each other there are many.
    private static let wide = LogIdentity(
        id: LogID(bits: 9),
        placement: Placement(groups: [
            .init(name: "carts", categories: ["cart"], firstPartition: PartitionID(0), partitionCount: 1),
            .init(name: "idle", categories: ["idle"], firstPartition: PartitionID(1), partitionCount: 48),
            .init(name: "stock", categories: ["stock"], firstPartition: PartitionID(49), partitionCount: 1),
        ]))

    @Test("made while partitions answer each other shows no event without its cause")
    func closed() async throws {
        let path = LogOnDisk.newPath()
        let log = try SQLiteLog.create(at: path, identity: Self.wide)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: path) } }
        let isDone = Flag()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await Self.answerEachOther(log) { isDone.value.load(ordering: .relaxed) } }
            for number in 0..<12 {
                let copy = LogOnDisk.newPath()
                try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
                defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: copy) } }
                let heads = try LogBackup(of: log).copy(to: copy) { _ in }
                let missing = try Self.withoutCause(SQLiteLog.open(at: copy))
                #expect(missing.isEmpty, "backup \(number), which ends at \(heads.values.map(\.position))")
            }
            isDone.value.store(true, ordering: .relaxed)
            try await group.waitForAll()
        }
        #expect(try log.reader(PartitionID(49)).head().position > Position(10))
    }

    private final class Flag: Sendable { let value = Atomic(false) }

    /// Every event causes the next one, in the other partition.
    private static func answerEachOther(_ log: SQLiteLog, until isDone: @Sendable () -> Bool) async throws {
        let writers = [
            try await log.claim(PartitionID(49), .sample()), try await log.claim(PartitionID(0), .sample()),
        ]
        var cause: EventID?
        var number = 0
        while !isDone() {
            let stream = number % 2 == 0 ? "stock/a" : "cart/a"
            let proposal = Proposal.sample(to: stream, command: "c\(number)", causation: cause)
            _ = try await writers[number % 2].append([proposal], at: Timestamp(seconds: 1_700_000_000))
            cause = proposal.events[0].eventID
            number += 1
        }
        for writer in writers { await writer.close() }
    }

    private static func withoutCause(_ log: SQLiteLog) throws -> [EventID] {
        let events = try log.identity.placement.partitions.flatMap { partition in
            var events: [RecordedEvent] = []
            while case let page = try log.reader(partition).events(
                after: events.last?.position ?? .start, limit: 10_000), !page.isEmpty
            {
                events += page
            }
            return events
        }
        let known = Set(events.map(\.eventID))
        return events.compactMap(\.causationID).filter { !known.contains($0) }
    }

    @Test("of a damaged log is refused with the command that shows the damage")
    func damaged() async throws {
        let disk = try LogOnDisk()
        let writer = try await disk.claim()
        _ = try await writer.append([.sample(to: "stock/a", command: "1")], at: Timestamp(seconds: 1))
        await writer.close()
        #expect(disk.sql("DROP TRIGGER events_unchanged; UPDATE events SET payload = x'00'") == nil)
        let copy = LogOnDisk.newPath()
        try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: copy) } }
        let error = #expect(throws: EventLogError.self) { try LogBackup(of: disk.reopened()).copy(to: copy) { _ in } }
        #expect(error?.code == .corrupt && error?.message.contains("roost log verify") == true)
    }
}
