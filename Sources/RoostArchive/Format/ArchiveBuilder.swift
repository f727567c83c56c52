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
    /// An archive that has reached one of these should end with its commit.
    private static let eventsMax: UInt64 = 65_536
    private static let bytesMax = 64 << 20

    private let log: LogID
    private let partition: PartitionID
    private let first: Position
    private let digestBefore: [UInt8]
    private var output = JSONOutput(capacity: 300 << 10)
    private var events: [UInt8] = []
    private var blocks: [ArchiveOutline.Block] = []
    private var index = ArchiveIndex()
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

    package var isEmpty: Bool { last < first }
    package var isFull: Bool {
        last.rawValue + 1 - first.rawValue >= Self.eventsMax || events.count >= Self.bytesMax
    }

    /// Takes the next event; `previous` is where its stream stood before it.
    package mutating func add(_ event: RecordedEvent, previous: Position) {
        precondition(event.position == last.next, "an archive has no holes")
        ArchiveLine.write(event, previous: previous, to: &output)
        index.add(event)
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
        let outline = ArchiveOutline(
            format: ArchiveOutline.format, logID: log, partition: partition, first: first, last: last,
            recordedFrom: recorded?.from ?? Timestamp(nanoseconds: 0),
            recordedTo: recorded?.to ?? Timestamp(nanoseconds: 0), digestBefore: Hexadecimal.text(digestBefore),
            digest: Hexadecimal.text(digest), codec: ArchiveOutline.codec, bytes: events.count,
            sha256: ArchiveDigest.of(events), kinds: index.kinds, blocks: blocks)
        let manifest = ArchiveManifest(archive: outline, streams: index.streams)
        let text = try JSONPayloadEncoder().encode(manifest) { Gzip.compress($0) }
        return ArchiveFile(manifest: manifest, events: events, manifestBytes: text)
    }

    private mutating func closeBlock() {
        let member = Gzip.compress(output.bytes)
        blocks.append(
            ArchiveOutline.Block(
                first: blockFirst, last: last, offset: events.count, bytes: member.count, textBytes: output.count,
                sha256: ArchiveDigest.of(member), eventLow: EventID(bits: eventLow),
                eventHigh: EventID(bits: eventHigh)))
        events += member
        output.removeAll()
        blockFirst = last.next
        (eventLow, eventHigh) = (.max, .zero)
    }
}
