package import RoostCore
import RoostJSON
package import RoostLog
import Synchronization

/// Reads archives of one partition, block by block. Nothing is served whose digest is not the one that the log knows.
package final class ArchiveReader: Sendable {
    /// About 8 MiB of lines.
    private static let blocksMax = 32
    private static let manifestsMax = 4
    /// Blocks that are fetched together when one follows the other.
    private static let blocksAhead = 16

    fileprivate struct State {
        var manifests: [(entry: ArchiveEntry, manifest: ArchiveManifest)] = []
        /// The newest last.
        var blocks: [ArchiveBlock] = []
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
        let manifest = try manifest(of: entry)
        guard let index = manifest.block(holding: position) else {
            throw damaged(entry, "the manifest knows no position \(position)")
        }
        let followsAnother = state.withLock { $0.blocks.last?.last.next == manifest.blocks[index].first }
        let range = index..<min(manifest.blocks.count, index + (followsAnother ? Self.blocksAhead : 1))
        let blocks = try read(Array(manifest.blocks[range]), of: entry)
        state.withLock { state in
            state.blocks += blocks.reversed()
            state.blocks.removeFirst(max(0, state.blocks.count - Self.blocksMax))
        }
        return blocks[0]
    }

    /// Reads a whole archive, in order.
    package func forEachBlock(
        of entry: ArchiveEntry, _ body: (ArchiveBlock) -> Void
    ) throws(EventLogError) {
        for block in try manifest(of: entry).blocks { body(try self.block(holding: block.first, of: entry)) }
    }

    /// What is in an archive, proved by the digest in the log.
    package func manifest(of entry: ArchiveEntry) throws(EventLogError) -> ArchiveManifest {
        if let known = state.withLock({ $0.manifests.first { $0.entry == entry } }) { return known.manifest }
        let place = try places.place(at: entry.place)
        guard let bytes = try place.read(entry.manifestName) else { throw missing(entry, entry.manifestName, place) }
        guard bytes.count == entry.manifestBytes, ArchiveDigest.of(bytes) == entry.manifestSHA256 else {
            throw damaged(entry, "the digest of \(entry.manifestName) is not the one in the log", place)
        }
        let manifest = try parse(bytes, entry)
        state.withLock { state in
            state.manifests.append((entry, manifest))
            state.manifests.removeFirst(max(0, state.manifests.count - Self.manifestsMax))
        }
        return manifest
    }

    private func parse(_ bytes: [UInt8], _ entry: ArchiveEntry) throws(EventLogError) -> ArchiveManifest {
        guard let manifest = ArchiveManifest(gzipped: bytes) else {
            throw damaged(entry, "its manifest cannot be read")
        }
        guard manifest.format == ArchiveManifest.format else {
            throw EventLogError(
                .mismatch,
                "archive \(entry.name) has format '\(manifest.format)', this build reads \(ArchiveManifest.format)")
        }
        guard manifest.logID == log, manifest.partition == partition, manifest.first == entry.first,
            manifest.last == entry.last
        else { throw damaged(entry, "its manifest is that of another archive") }
        return manifest
    }

    /// Blocks that follow each other, in one read.
    private func read(
        _ blocks: [ArchiveManifest.Block], of entry: ArchiveEntry
    ) throws(EventLogError) -> [ArchiveBlock] {
        let start = blocks[0].offset
        let bytes = blocks.reduce(0) { $0 + $1.bytes }
        let place = try places.place(at: entry.place)
        guard let read = try place.read(entry.name, from: start, bytes: bytes) else {
            throw missing(entry, entry.name, place)
        }
        var opened: [ArchiveBlock] = []
        for block in blocks {
            let range = block.offset - start..<block.offset - start + block.bytes
            guard range.upperBound <= read.count else {
                throw damaged(entry, "it ends at byte \(start + read.count), before \(entry.bytes)", place)
            }
            guard let open = ArchiveBlock(read[range], block) else {
                throw damaged(
                    entry, "the block at byte \(block.offset), positions \(block.first)–\(block.last), has changed",
                    place)
            }
            opened.append(open)
        }
        return opened
    }

    private func missing(_ entry: ArchiveEntry, _ name: String, _ place: any ArchivePlace) -> EventLogError {
        EventLogError(
            .missing,
            "events \(entry.first)–\(entry.last) of partition \(partition) are archived in \(place.address), where \(name) "
                + "is missing: put it back, or say where it is: roost archive moved \(entry.place) NEW")
    }

    private func damaged(
        _ entry: ArchiveEntry, _ how: String, _ place: (any ArchivePlace)? = nil
    ) -> EventLogError {
        EventLogError(
            .corrupt,
            "archive \(place?.address ?? entry.place)/\(entry.name) is damaged, \(how): put a good copy in its place")
    }
}

extension ArchiveReader.State {
    /// The block of a position, which becomes the newest.
    fileprivate mutating func take(_ position: Position) -> ArchiveBlock? {
        guard let index = blocks.lastIndex(where: { $0.first <= position && position <= $0.last }) else { return nil }
        let block = blocks.remove(at: index)
        blocks.append(block)
        return block
    }
}

extension ArchiveBlock {
    /// nil unless the bytes are those that the manifest describes.
    package convenience init?(_ member: ArraySlice<UInt8>, _ block: ArchiveManifest.Block) {
        guard ArchiveDigest.of(member) == block.sha256,
            let text = member.withUnsafeBytes({ Gzip.decompress($0, length: block.textBytes) })
        else { return nil }
        self.init(text, first: block.first, last: block.last)
    }
}

extension ArchiveManifest {
    /// A manifest is at most so long when it is unpacked.
    private static let textBytesMax = 1 << 28

    /// nil for bytes that are no manifest.
    package init?(gzipped bytes: [UInt8]) {
        // The last four bytes of a gzip member are the length of what it holds.
        let length = bytes.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        guard bytes.count > 4, length <= Self.textBytesMax,
            let text = bytes.withUnsafeBytes({ Gzip.decompress($0, length: length) })
        else { return nil }
        do { self = try JSONPayloadDecoder().decode(ArchiveManifest.self, from: text) } catch { return nil }
    }
}
