package import RoostCore

/// What events that follow each other hold of each kind and of each stream, collected one by one.
package struct ArchiveIndex: Sendable {
    /// How many of one kind there are, and where the first of them stands.
    package struct Kind: Codable, Equatable, Sendable {
        package let type: String
        package let schemaVersion: UInt32
        package let count: UInt64
        package let first: Position
    }

    /// The events of one stream: their versions follow each other.
    package struct Stream: Codable, Equatable, Sendable {
        package let stream: String
        /// Of the first one.
        package let version: StreamVersion
        package let positions: [Position]
    }

    private var byKind: [EventKind: (count: UInt64, first: Position)] = [:]
    private var byStream: [StreamName: (version: StreamVersion, positions: [Position])] = [:]

    package init() {}

    package mutating func add(_ event: RecordedEvent) {
        byKind[EventKind(event.type, event.schemaVersion), default: (0, event.position)].count += 1
        byStream[event.stream, default: (event.version, [])].positions.append(event.position)
    }

    /// By the first position.
    package var kinds: [Kind] {
        byKind.map {
            Kind(
                type: $0.key.type, schemaVersion: $0.key.schemaVersion, count: $0.value.count, first: $0.value.first)
        }.sorted { $0.first < $1.first }
    }

    /// By the bytes of the name.
    package var streams: [Stream] {
        byStream.sorted { $0.key < $1.key }.map {
            Stream(stream: $0.key.description, version: $0.value.version, positions: $0.value.positions)
        }
    }
}
