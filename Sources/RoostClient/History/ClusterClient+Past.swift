import Foundation
package import RoostCore
import RoostLog
import RoostNode

extension ClusterClient {
    /// Makes a projection as it was at a recorded time, in a new file.
    package func rebuild(
        _ name: String, until time: Timestamp, into file: String, progress: (UInt64) -> Void
    ) throws -> PastDocument {
        let projection = try projection(name)
        try refuseFuture(time)
        guard !FileManager.default.fileExists(atPath: file) else {
            throw ClientError(.usage, code: "fileExists", "\(file) exists already", hint: "name a new file")
        }
        let clock = ContinuousClock()
        let begin = clock.now
        let live = try databases.path(ofProjection: projection.name)
        let made = try PastProjection(projection, log: log, codec: codec, live: live).make(
            until: time, at: file, report: progress)
        return PastDocument(
            projection: projection.name, until: time, file: file, events: made.events,
            seconds: (clock.now - begin).fractionalSeconds, root: Hexadecimal.text(made.root),
            positions: made.positions.sorted { $0.key < $1.key }.map { .init(partition: $0.key, position: $0.value) })
    }
}
