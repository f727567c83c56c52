package import RoostCore
import RoostJSON

/// An archive that is complete: two files, and what the log will keep about them.
package struct ArchiveFile: Sendable {
    package let manifest: ArchiveManifest
    package let events: [UInt8]
    package let manifestBytes: [UInt8]
}

/// Makes one archive of events that follow each other in a partition, block by block.
package struct ArchiveBuilder: ~Copyable {
    /// A block ends with the event that reaches one of these.
    private static let blockTextBytes = 256 << 10
    private static let blockEvents: UInt64 = 512

    private let log: LogID
    private let partition: PartitionID
    private let first: Position
    private let digestBefore: [UInt8]
    private var output = JSONOutput(capacity: 300 << 10)
    private var events: [UInt8] = []
    private var blocks: [ArchiveManifest.Block] = []
    private var kinds: [EventKind: (count: UInt64, first: Position)] = [:]
    private var streams: [String: (version: StreamVersion, positions: [Position])] = [:]
    private var recorded: (from: Timestamp, to: Timestamp)?
    private var blockFirst: Position
    private var eventLow = UInt128.max
    private var eventHigh = UInt128.zero
    /// The newest event taken in.
    package private(set) var last: Position

    /// Begins after `position`, where the log has the digest `digestBefore`.
    package init(log: LogID, partition: PartitionID, after position: Position, digestBefore: [UInt8]) {
        self.log = log
        self.partition = partition
        self.digestBefore = digestBefore
        first = position.next
        blockFirst = position.next
        last = position
    }

    package var count: UInt64 { last.rawValue + 1 - first.rawValue }
    package var isEmpty: Bool { last < first }

    /// Takes the next event; `previous` is where its stream stood before it.
    package mutating func add(_ event: RecordedEvent, previous: Position) {
        precondition(event.position == last.next, "an archive has no holes")
        ArchiveLine.write(event, previous: previous, to: &output)
        let kind = EventKind(event.type, event.schemaVersion)
        kinds[kind, default: (0, event.position)].count += 1
        streams[event.stream.description, default: (event.version, [])].positions.append(event.position)
        recorded = (recorded?.from ?? event.recorded, event.recorded)
        eventLow = min(eventLow, event.eventID.bits)
        eventHigh = max(eventHigh, event.eventID.bits)
        last = event.position
        if output.count >= Self.blockTextBytes || last.rawValue - blockFirst.rawValue + 1 >= Self.blockEvents {
            closeBlock()
        }
    }

    /// The archive of everything added. `digest` is the log's at the last event.
    package consuming func finish(digest: [UInt8]) throws -> ArchiveFile {
        precondition(!isEmpty, "an archive holds at least one event")
        if blockFirst <= last { closeBlock() }
        let manifest = ArchiveManifest(
            format: ArchiveManifest.format, logID: log, partition: partition, first: first, last: last,
            recordedFrom: recorded?.from ?? Timestamp(nanoseconds: 0),
            recordedTo: recorded?.to ?? Timestamp(nanoseconds: 0), digestBefore: Hexadecimal.text(digestBefore),
            digest: Hexadecimal.text(digest), codec: "gzip", bytes: events.count, sha256: ArchiveDigest.of(events),
            kinds: kinds.map {
                .init(
                    type: $0.key.type, schemaVersion: $0.key.schemaVersion, count: $0.value.count, first: $0.value.first
                )
            }.sorted { $0.first < $1.first }, blocks: blocks,
            streams: streams.map { .init(stream: $0.key, version: $0.value.version, positions: $0.value.positions) }
                .sorted { $0.stream < $1.stream })
        let text = try JSONPayloadEncoder().encode(manifest) { Gzip.compress($0) }
        return ArchiveFile(manifest: manifest, events: events, manifestBytes: text)
    }

    private mutating func closeBlock() {
        let member = Gzip.compress(output.bytes)
        blocks.append(
            ArchiveManifest.Block(
                first: blockFirst, last: last, offset: events.count, bytes: member.count, textBytes: output.count,
                sha256: ArchiveDigest.of(member), eventLow: EventID(bits: eventLow), eventHigh: EventID(bits: eventHigh)
            ))
        events += member
        output.removeAll()
        blockFirst = last.next
        (eventLow, eventHigh) = (.max, .zero)
    }
}
