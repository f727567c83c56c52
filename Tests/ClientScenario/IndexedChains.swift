import Foundation
package import RoostCore
package import RoostLog
import RoostNode

/// Makes the trace index of a log, as its own process would.
package enum IndexedChains {
    /// Indexes what each partition holds, or the first events of it.
    package static func make(
        of log: any EventLog, in projections: String, partitions: [PartitionID]? = nil, first limit: Int = 10_000,
        proof: [UInt8]? = nil
    ) throws {
        let files = ProjectionFiles(directory: "\(projections)/\(TraceIndex.name)")
        try files.prepare()
        let store = try ProjectionStore(
            TraceIndex.self, path: try files.currentPath(), logID: log.identity.id, codec: .json)
        for partition in partitions ?? log.identity.placement.partitions {
            let reader = try log.reader(partition)
            let page = try reader.events(after: store.progress(partition).position, limit: limit)
            guard let last = page.last else { continue }
            try store.transaction {
                try store.apply(page, of: partition)
                store.prove(partition, digest: try proof ?? reader.commit(holding: last.position)?.digest ?? [])
            }
        }
        try store.close()
    }
}
