import Foundation
package import RoostCore
package import RoostLog

/// Makes a projection as it was at a recorded time, in a file of its own. The live one is not touched.
///
/// The file appears when it is complete; what an interrupted attempt left is removed by the next.
package struct PastProjection {
    package struct Result: Sendable {
        package let events: UInt64
        /// Where each partition stood.
        package let positions: [PartitionID: Position]
        /// Root of the digest over all rows.
        package let root: [UInt8]
    }

    private static let pageMax = 10_000
    private let projection: any Projection.Type
    private let log: any EventLog
    private let codec: PayloadCodec
    private let live: String?

    /// `live` is the projection's database: what it has discarded, or dies at, is left out here, too.
    package init(_ projection: any Projection.Type, log: any EventLog, codec: PayloadCodec, live: String? = nil) {
        self.live = live
        self.projection = projection
        self.log = log
        self.codec = codec
    }

    /// Everything recorded up to and including `time`. `report` gets the events done so far, after every page.
    package func make(until time: Timestamp, at path: String, report: (UInt64) -> Void) throws -> Result {
        let unfinished = path + ".unfinished"
        try FileManager.default.removeDatabase(unfinished)
        let store = try store(at: unfinished)
        for partition in log.identity.placement.partitions {
            try fold(try log.reader(partition), until: time, store, report)
        }
        let root = try store.root()
        try store.store.checkpoint()
        let positions = store.progress.mapValues(\.position)
        try store.close()
        try FileManager.default.moveItem(atPath: unfinished, toPath: path)
        return Result(
            events: positions.values.reduce(0) { $0 + $1.rawValue }, positions: positions, root: root)
    }

    /// The rows that the events up to these positions make, in memory, and what they leave set aside.
    package func roots(
        through positions: [PartitionID: Position], report: (UInt64) -> Void
    ) throws -> (tables: [TableRoot], setAside: [TableRoot]) {
        let store = try store(at: nil)
        for (partition, end) in positions.sorted(by: { $0.key < $1.key }) {
            let reader = try log.reader(partition)
            while store.progress(partition).position < end {
                let position = store.progress(partition).position
                let limit = min(UInt64(Self.pageMax), end.rawValue - position.rawValue)
                let page = try reader.events(after: position, limit: Int(limit))
                guard !page.isEmpty else {
                    throw ReaderFailure(
                        "the log ends at position \(position) of partition \(partition), expected \(end)")
                }
                try store.transaction { try store.apply(page, of: partition) }
                report(store.progress.values.reduce(0) { $0 + $1.position.rawValue })
            }
        }
        let roots = (try store.roots(), try store.setAsideRoots())
        try store.close()
        return roots
    }

    private func store(at path: String?) throws -> ProjectionStore {
        let store = try ProjectionStore(projection, path: path, logID: log.identity.id, codec: codec)
        if let live { try store.adopt(from: live, crashes: true) }
        return store
    }

    /// Recorded time never goes back within a partition, so the first later event ends it.
    private func fold(
        _ reader: any PartitionReader, until time: Timestamp, _ store: ProjectionStore, _ report: (UInt64) -> Void
    ) throws {
        while true {
            let page = try reader.events(after: store.progress(reader.partition).position, limit: Self.pageMax)
            let earlier = page.prefix { $0.recorded <= time }
            guard let last = earlier.last else { return }
            try store.transaction {
                try store.apply(earlier, of: reader.partition)
                if let commit = try reader.commit(holding: last.position) {
                    store.prove(reader.partition, digest: commit.digest)
                }
            }
            report(store.progress.values.reduce(0) { $0 + $1.position.rawValue })
        }
    }
}
