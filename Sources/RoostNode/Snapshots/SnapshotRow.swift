import Foundation
import GRDB
import RoostCore

/// A snapshot as its row holds it, with a checksum over everything else.
struct SnapshotRow {
    let snapshot: Snapshot

    /// nil for a row that is damaged.
    init?(_ row: Row) {
        guard let name = Self.value(row, "stream", String.self), let stream = Self.name(name),
            let version = Self.value(row, "version", Int64.self), version > 0,
            let event = Self.value(row, "event_id", Data.self), event.count == 16,
            let revision = Self.value(row, "revision", Int64.self),
            let digest = Self.value(row, "digest", Data.self), let state = Self.value(row, "state", Data.self),
            let commands = Self.value(row, "commands", Data.self), commands.count % 8 == 0,
            let madeAt = Self.value(row, "made_at", Int64.self),
            let checksum = Self.value(row, "checksum", Int64.self)
        else { return nil }
        snapshot = Snapshot(
            stream: stream, version: StreamVersion(UInt64(version)),
            eventID: EventID(bits: event.reduce(0) { $0 << 8 | UInt128($1) }),
            fold: FoldIdentity(revision: Int(revision), digest: [UInt8](digest)), state: [UInt8](state),
            commands: Self.numbers(commands), madeAt: Timestamp(nanoseconds: madeAt))
        guard Self.checksum(snapshot, commands) == checksum else { return nil }
    }

    /// nil for a value of another kind, which damage can make of any.
    static func value<Value: DatabaseValueConvertible>(_ row: Row, _ column: String, _ type: Value.Type) -> Value? {
        Value.fromDatabaseValue(row[column] as DatabaseValue)
    }

    /// In the order of the columns.
    static func values(of snapshot: Snapshot) -> StatementArguments {
        let commands = bytes(of: snapshot.commands)
        return [
            snapshot.stream.description, Int64(snapshot.version.rawValue), Data(bigEndian(snapshot.eventID.bits)),
            snapshot.fold.revision, Data(snapshot.fold.digest), Data(snapshot.state), commands,
            snapshot.madeAt.nanoseconds, checksum(snapshot, commands),
        ]
    }

    static func name(_ text: String) -> StreamName? {
        do { return try StreamName(text) } catch { return nil }
    }

    private static func checksum(_ snapshot: Snapshot, _ commands: Data) -> Int64 {
        var sum = CRC32C()
        let head =
            "\(snapshot.stream) \(snapshot.version) \(snapshot.eventID) \(snapshot.fold.revision) "
            + "\(snapshot.madeAt.nanoseconds)"
        for part in [Array(head.utf8), snapshot.fold.digest, snapshot.state] { part.withUnsafeBytes { sum.update($0) } }
        commands.withUnsafeBytes { sum.update($0) }
        return Int64(sum.value)
    }

    /// Eight bytes each, little-endian.
    private static func bytes(of numbers: [UInt64]) -> Data {
        numbers.map(\.littleEndian).withUnsafeBytes { Data($0) }
    }

    private static func numbers(_ bytes: Data) -> [UInt64] {
        [UInt64](unsafeUninitializedCapacity: bytes.count / 8) { buffer, count in
            count = bytes.count / 8
            bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
            for index in 0..<count { buffer[index] = UInt64(littleEndian: buffer[index]) }
        }
    }

    private static func bigEndian(_ bits: UInt128) -> [UInt8] {
        (0..<16).reversed().map { UInt8(truncatingIfNeeded: bits >> (8 * UInt128($0))) }
    }
}
