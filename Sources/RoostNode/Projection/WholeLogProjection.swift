package import RoostCore

/// A projection of the log itself: it takes every event as it is stored, of whatever type, and reads no payload.
package protocol WholeLogProjection: Projection {
    static func take(_ event: RecordedEvent, in partition: PartitionID, _ tables: Tables) throws
}

extension WholeLogProjection {
    package static var routes: [ProjectionRoute] { [] }
}
