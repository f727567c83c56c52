import Foundation
package import GRDB
import RoostCore

/// A snapshot as its row holds it, with a checksum over everything else.
package struct SnapshotRow: Sendable {
    package let snapshot: Snapshot
    /// Of state and commands.
    package let byteCount: Int

    /// nil for a row that is damaged.
    package init?(_ row: Row) {
        guard let name = row["stream"] as String?, let stream = Self.name(name), let version = row["version"] as Int64?,
            let event = row["event_id"] as Data?, let revision = row["revision"] as Int64?,
            let digest = row["digest"] as Data?, let state = row["state"] as Data?,
            let commands = row["commands"] as Data?, let madeAt = row["made_at"] as Int64?,
            let checksum = row["checksum"] as Int64?, event.count == 16, commands.count % 8 == 0, version > 0
        else { return nil }
        snapshot = Snapshot(
            stream: stream, version: StreamVersion(UInt64(version)),
            eventID: EventID(bits: event.reduce(0) { $0 << 8 | UInt128($1) }),
            fold: FoldIdentity(revision: Int(revision), digest: [UInt8](digest)), state: [UInt8](state),
            commands: Self.numbers(commands), madeAt: Timestamp(nanoseconds: madeAt))
        byteCount = state.count + commands.count
        guard Self.checksum(snapshot, commands) == checksum else { return nil }
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

    private static func name(_ text: String) -> StreamName? {
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
