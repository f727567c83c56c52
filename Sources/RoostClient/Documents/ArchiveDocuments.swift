import RoostArchive
package import RoostCore
import RoostLogSQLite
package import RoostTrace

/// What an archiving did, or would do. Document `roost.archived/1`.
package struct ArchivedDocument: Encodable, Sendable {
    package let schema = "roost.archived/1"
    package let cluster: String
    package let before: Timestamp
    package let place: String
    package let partitions: [Partition]
    /// What was given back to the file system; null while the cluster runs, which uses the space again.
    @Explicit package private(set) var space: Space?

    init(cluster: String, before: Timestamp, place: String, partitions: [Partition], space: Space?) {
        self.cluster = cluster
        self.before = before
        self.place = place
        self.partitions = partitions
        _space = Explicit(wrappedValue: space)
    }

    package struct Space: Codable, Sendable {
        /// Also of earlier calls.
        package let bytesFreed: UInt64
        /// Why there is not more; null when all went well.
        @Explicit package private(set) var problem: String?

        init(bytesFreed: UInt64, problem: String?) {
            self.bytesFreed = bytesFreed
            _problem = Explicit(wrappedValue: problem)
        }
    }

    /// One partition from which something was archived.
    package struct Partition: Encodable, Sendable {
        package let partition: PartitionID
        package let first: Position
        package let last: Position
        package let events: UInt64
        /// Events after `last`, which stay in the log's own file.
        package let stay: UInt64
        /// Files of events; 0 when it is only a plan.
        package let archives: Int
        /// Bytes of them and their manifests.
        package let bytes: Int
        init(_ range: LogArchiver.Range, _ entries: [ArchiveEntry]) {
            partition = range.partition
            (first, last, events) = (range.first, range.last, range.events)
            stay = range.newest.rawValue - range.last.rawValue
            archives = entries.count
            bytes = entries.reduce(0) { $0 + $1.bytes + $1.manifestBytes }
        }
    }

    package var events: UInt64 { partitions.reduce(0) { $0 + $1.events } }
    package var archives: Int { partitions.reduce(0) { $0 + $1.archives } }
    package var bytes: Int { partitions.reduce(0) { $0 + $1.bytes } }
}

/// Every archive that a log reads. Document `roost.archives/1`.
package struct ArchivesDocument: Encodable, Sendable {
    package let schema = "roost.archives/1"
    package let cluster: String
    package let archives: [Archive]

    /// One file of events.
    package struct Archive: Encodable, Sendable {
        package let partition: PartitionID
        package let first: Position
        package let last: Position
        package let events: UInt64
        package let recordedFrom: Timestamp
        package let recordedTo: Timestamp
        /// Of the file.
        package let bytes: Int
        /// Where it is now.
        package let place: String
        package let name: String

        init(_ partition: PartitionID, _ entry: ArchiveEntry, place: String) {
            self.partition = partition
            (first, last, events) = (entry.first, entry.last, entry.events)
            (recordedFrom, recordedTo) = (entry.recordedFrom, entry.recordedTo)
            bytes = entry.bytes
            self.place = place
            name = entry.name
        }
    }

    package var events: UInt64 { archives.reduce(0) { $0 + $1.events } }
}

/// Archives that are read from another place now. Document `roost.archives-moved/1`.
package struct MovedDocument: Encodable, Sendable {
    package let schema = "roost.archives-moved/1"
    package let cluster: String
    package let from: String
    package let to: String
    package let archives: Int
}
