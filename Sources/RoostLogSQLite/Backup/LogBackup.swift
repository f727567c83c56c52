import Foundation
import RoostArchive
package import RoostCore
package import RoostLog

/// Copies a log while it is written: a cut through all partitions in which no event is without its cause.
package struct LogBackup {
    /// How far the copy has come.
    package enum Step: Sendable {
        case copying(PartitionID, share: Double)
        case verifying(PartitionID, Position)
    }

    /// Tries to look at all partitions at once before a log counts as too busy.
    private static let cutsMax = 1000
    private let log: SQLiteLog

    package init(of log: SQLiteLog) { self.log = log }

    /// Copies everything to a new directory and verifies each copy as `roost log verify` would. Returns the head of each
    /// copied partition. Nothing but what is in `target` is written.
    package func copy(
        to target: String, report: (Step) -> Void
    ) throws(EventLogError) -> [PartitionID: LogHead] {
        let directory = LogDirectory(path: target)
        let partitions = log.identity.placement.partitions
        for (partition, source) in zip(partitions, try cut(partitions)) {
            let path = directory.partitionPath(partition)
            do {
                try DatabaseCopy.copy(source.connection, to: path) { report(.copying(partition, share: $0)) }
                try source.connection.execute("ROLLBACK")
            } catch {
                throw error.whileReading(path)
            }
            try DatabaseCopy.settle(path)
        }
        try directory.writeIdentity(log.identity)
        try copyMoves(to: directory)
        return try verify(directory, report)
    }

    /// Archives are no part of a backup, but where they are is.
    private func copyMoves(to directory: LogDirectory) throws(EventLogError) {
        let (source, target) = ("\(log.path)/\(ArchivePlaces.fileName)", "\(directory.path)/\(ArchivePlaces.fileName)")
        guard FileManager.default.fileExists(atPath: source) else { return }
        do { try FileManager.default.copyItem(atPath: source, toPath: target) } catch {
            throw EventLogError(.unavailable, "\(target) cannot be written", cause: error)
        }
        try DurableFiles.sync(target)
    }

    private func verify(
        _ directory: LogDirectory, _ report: (Step) -> Void
    ) throws(EventLogError) -> [PartitionID: LogHead] {
        let copy = try SQLiteLog.open(at: directory.path)
        var heads: [PartitionID: LogHead] = [:]
        for partition in copy.identity.placement.partitions {
            let reader = try copy.sqliteReader(partition)
            let findings = try reader.verify(fileAlone: true) { report(.verifying(partition, $0)) }
            if let first = findings.first {
                throw EventLogError(
                    .corrupt,
                    "partition \(partition) cannot be backed up, position \(first.position): \(first.problem); "
                        + "see what is wrong: roost log verify")
            }
            heads[partition] = try reader.head()
            try DatabaseCopy.settle(directory.partitionPath(partition))
        }
        try DurableFiles.sync(directory.path)
        return heads
    }

    /// A read transaction on every partition, begun at practically the same moment: tried until no event of one is caused by
    /// an event that another does not show.
    private func cut(_ partitions: [PartitionID]) throws(EventLogError) -> [ReaderConnection] {
        var readers: [ReaderConnection] = []
        for partition in partitions { readers.append(try log.connection(to: partition)) }
        do throws(SQLiteFailure) {
            for _ in 0..<Self.cutsMax {
                // An event that lacks its cause can only have come after this look.
                var before: [Position] = []
                for reader in readers { before.append(try reader.newest()) }
                for reader in readers { try reader.connection.execute("BEGIN; SELECT count(*) FROM log") }
                if try isClosed(readers, since: before) { return readers }
                for reader in readers { try reader.connection.execute("ROLLBACK") }
            }
        } catch {
            throw error.whileReading(log.path)
        }
        throw EventLogError(.unavailable, "the log is too busy to be looked at as a whole: try again")
    }

    private func isClosed(_ readers: [ReaderConnection], since before: [Position]) throws(SQLiteFailure) -> Bool {
        var events: Set<UInt128> = []
        var causes: Set<UInt128> = []
        for (reader, position) in zip(readers, before) {
            let rows = try reader.connection.prepare("SELECT event_id, causation FROM events WHERE position > ?")
            rows.bind(1, position.rawValue)
            while try rows.step() {
                events.insert(rows.bits(0))
                if !rows.isNull(1) { causes.insert(rows.bits(1)) }
            }
        }
        for cause in causes.subtracting(events) {
            guard try holds(EventID(bits: cause), readers) else { return false }
        }
        return true
    }

    private func holds(_ event: EventID, _ readers: [ReaderConnection]) throws(SQLiteFailure) -> Bool {
        for reader in readers {
            if try reader.position(of: event) != nil { return true }
        }
        return false
    }
}

extension ReaderConnection {
    fileprivate func newest() throws(SQLiteFailure) -> Position {
        Position(try connection.number("SELECT max(position) FROM events") ?? 0)
    }
}
