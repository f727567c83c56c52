package import RoostCore
import RoostJSON
package import RoostLog
import Synchronization

/// Reads archives of one partition, block by block. Nothing is served whose digest is not the one that the log knows.
package final class ArchiveReader: Sendable {
    private static let textBytesMax = 16 << 20
    private static let outlinesMax = 256
    /// Blocks that are fetched together when one follows the other.
    private static let blocksAhead = 16
    /// After a failure a place is not asked again for so long: who waits for it holds up others.
    private static let rest = Duration.seconds(2)

    fileprivate struct State {
        var outlines: [ArchiveEntry: ArchiveOutline] = [:]
        /// The newest last.
        var blocks: [ArchiveBlock] = []
        var failure: (error: EventLogError, until: ContinuousClock.Instant)?
    }

    private let log: LogID
    private let partition: PartitionID
    private let places: ArchivePlaces
    private let state = Mutex(State())

    package init(log: LogID, partition: PartitionID, places: ArchivePlaces) {
        self.log = log
        self.partition = partition
        self.places = places
    }

    /// The block that holds a position, which must be in the archive.
    package func block(holding position: Position, of entry: ArchiveEntry) throws(EventLogError) -> ArchiveBlock {
        if let known = state.withLock({ $0.take(position) }) { return known }
        let outline = try outline(of: entry)
        guard let index = outline.block(holding: position) else {
            throw damaged(entry, entry.manifestName, "it knows no position \(position)")
        }
        let followsAnother = state.withLock { $0.blocks.last?.last.next == outline.blocks[index].first }
        let range = index..<min(outline.blocks.count, index + (followsAnother ? Self.blocksAhead : 1))
        let blocks = try read(Array(outline.blocks[range]), of: entry)
        state.withLock { $0.keep(blocks, textBytesMax: Self.textBytesMax) }
        return blocks[0]
    }

    /// Reads a whole archive, in order.
    package func forEachBlock(
        of entry: ArchiveEntry, _ body: (ArchiveBlock) throws(EventLogError) -> Void
    ) throws(EventLogError) {
        for block in try outline(of: entry).blocks { try body(self.block(holding: block.first, of: entry)) }
    }

    /// What is in an archive, proved by the digest in the log.
    package func outline(of entry: ArchiveEntry) throws(EventLogError) -> ArchiveOutline {
        if let known = state.withLock({ $0.outlines[entry] }) { return known }
        guard let outline = OutlineAlone(gzipped: try manifestBytes(of: entry))?.archive else {
            throw damaged(entry, entry.manifestName, "it cannot be read")
        }
        guard outline.format == ArchiveOutline.format, outline.codec == ArchiveOutline.codec else {
            throw EventLogError(
                .mismatch,
                "archive \(entry.name) has format '\(outline.format)' in \(outline.codec), this build reads "
                    + "\(ArchiveOutline.format) in \(ArchiveOutline.codec)")
        }
        guard outline.logID == log, outline.partition == partition, outline.first == entry.first,
            outline.last == entry.last, outline.bytes == entry.bytes, outline.isWhole
        else { throw damaged(entry, entry.manifestName, "it is that of another archive") }
        state.withLock { state in
            if state.outlines.count >= Self.outlinesMax { state.outlines = [:] }
            state.outlines[entry] = outline
        }
        return outline
    }

    /// Everything that the manifest says, proved by the digest in the log.
    package func manifest(of entry: ArchiveEntry) throws(EventLogError) -> ArchiveManifest {
        guard let manifest = ArchiveManifest(gzipped: try manifestBytes(of: entry)) else {
            throw damaged(entry, entry.manifestName, "it cannot be read")
        }
        return manifest
    }

    private func manifestBytes(of entry: ArchiveEntry) throws(EventLogError) -> [UInt8] {
        let bytes = try ask(entry, entry.manifestName) { place throws(EventLogError) in
            try place.read(entry.manifestName)
        }
        guard bytes.count == entry.manifestBytes, ArchiveDigest.of(bytes) == entry.manifestSHA256 else {
            throw damaged(entry, entry.manifestName, "its digest is not the one in the log")
        }
        return bytes
    }

    /// Blocks that follow each other, in one read.
    private func read(
        _ blocks: [ArchiveOutline.Block], of entry: ArchiveEntry
    ) throws(EventLogError) -> [ArchiveBlock] {
        let start = blocks[0].offset
        let bytes = blocks.reduce(0) { $0 + $1.bytes }
        let read = try ask(entry, entry.name) { place throws(EventLogError) in
            try place.read(entry.name, from: start, bytes: bytes)
        }
        var opened: [ArchiveBlock] = []
        for block in blocks {
            let range = block.offset - start..<block.offset - start + block.bytes
            guard range.upperBound <= read.count else {
                throw damaged(entry, entry.name, "it has fewer bytes than the \(entry.bytes) it had")
            }
            guard let open = ArchiveBlock(read[range], block) else {
                throw damaged(
                    entry, entry.name,
                    "the block at byte \(block.offset), positions \(block.first)–\(block.last), has changed")
            }
            opened.append(open)
        }
        return opened
    }

    /// What a place has of a file. A place that failed a moment ago is not asked.
    private func ask(
        _ entry: ArchiveEntry, _ name: String, _ body: (any ArchivePlace) throws(EventLogError) -> [UInt8]?
    ) throws(EventLogError) -> [UInt8] {
        if let failure = state.withLock({ $0.failure }), ContinuousClock.now < failure.until { throw failure.error }
        do throws(EventLogError) {
            let place = try places.place(at: entry.place)
            let bytes = try body(place)
            state.withLock { $0.failure = nil }
            guard let bytes else { throw missing(entry, name, place) }
            return bytes
        } catch {
            if error.code == .unavailable {
                state.withLock { $0.failure = (error, ContinuousClock.now + Self.rest) }
            }
            throw error
        }
    }

    private func missing(_ entry: ArchiveEntry, _ name: String, _ place: any ArchivePlace) -> EventLogError {
        EventLogError(
            .unavailable,
            "events \(entry.first)–\(entry.last) of partition \(partition) are archived in \(place.address), where \(name) "
                + "is missing: put it back, or say where it is: roost archive moved '\(place.address)' NEW")
    }

    private func damaged(_ entry: ArchiveEntry, _ name: String, _ how: String) -> EventLogError {
        EventLogError(
            .corrupt, "archive \(places.shown(entry.place))\(name) is damaged, \(how): put a good copy in its place")
    }
}

/// What is decoded of a manifest for reading: all but the streams.
private struct OutlineAlone: Decodable {
    let archive: ArchiveOutline
}

extension ArchiveReader.State {
    /// The block of a position, which becomes the newest.
    fileprivate mutating func take(_ position: Position) -> ArchiveBlock? {
        guard let index = blocks.lastIndex(where: { $0.first <= position && position <= $0.last }) else { return nil }
        let block = blocks.remove(at: index)
        blocks.append(block)
        return block
    }

    /// Keeps blocks that were just read, the first of them as the newest, and forgets old ones beyond the limit.
    fileprivate mutating func keep(_ read: [ArchiveBlock], textBytesMax: Int) {
        blocks += read.reversed()
        var bytes = blocks.reduce(0) { $0 + $1.text.count }
        while bytes > textBytesMax, blocks.count > 1 { bytes -= blocks.removeFirst().text.count }
    }
}

extension ArchiveBlock {
    /// nil unless the bytes are those that the manifest describes.
    package convenience init?(_ member: ArraySlice<UInt8>, _ block: ArchiveOutline.Block) {
        guard ArchiveDigest.of(member) == block.sha256,
            let text = member.withUnsafeBytes({ Gzip.decompress($0, length: block.textBytes) })
        else { return nil }
        self.init(text, first: block.first, last: block.last)
    }
}

extension Decodable {
    /// From gzipped JSON; nil for bytes that are none, or that hold something else.
    fileprivate init?(gzipped bytes: [UInt8]) {
        // The last four bytes of a gzip member are the length of what it holds.
        let length = bytes.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        guard bytes.count > 4, length <= 1 << 28,
            let text = bytes.withUnsafeBytes({ Gzip.decompress($0, length: length) })
        else { return nil }
        do { self = try JSONPayloadDecoder().decode(Self.self, from: text) } catch { return nil }
    }
}
