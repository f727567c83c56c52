import Crypto
package import RoostCore

/// What is in one archive: everything that finds an event in it without reading all of it, and proves what was read.
///
/// A file of its own beside the events, gzipped JSON. The log keeps the digest of it, and it holds the digests of the rest.
package struct ArchiveManifest: Codable, Equatable, Sendable {
    package let archive: ArchiveOutline
    /// By name. What readers do not need: it may be large.
    package let streams: [ArchiveIndex.Stream]
}

/// The part of a manifest that reading needs.
package struct ArchiveOutline: Codable, Equatable, Sendable {
    package static let format = "roost.archive/1"
    package static let codec = "gzip"

    /// A part of the file that can be read alone: one gzip member, whole lines.
    package struct Block: Codable, Equatable, Sendable {
        package let first: Position
        package let last: Position
        /// Where it starts in the file, in bytes.
        package let offset: Int
        /// In the file.
        package let bytes: Int
        /// Of its lines.
        package let textBytes: Int
        /// Of its bytes in the file, as hexadecimal digits.
        package let sha256: String
        /// The smallest and the greatest event ID in it.
        package let eventLow: EventID
        package let eventHigh: EventID
    }

    package let format: String
    package let logID: LogID
    package let partition: PartitionID
    package let first: Position
    package let last: Position
    package let recordedFrom: Timestamp
    package let recordedTo: Timestamp
    /// The digest of the log before the first event and after the last, as hexadecimal digits: the archive is a piece of
    /// that chain.
    package let digestBefore: String
    package let digest: String
    package let codec: String
    package let bytes: Int
    /// Of the whole file.
    package let sha256: String
    package let kinds: [ArchiveIndex.Kind]
    package let blocks: [Block]

    /// The number of the block that holds a position; nil when none does.
    package func block(holding position: Position) -> Int? {
        var (low, high) = (0, blocks.count)
        while low < high {
            let middle = (low + high) / 2
            if blocks[middle].last >= position { high = middle } else { low = middle + 1 }
        }
        return low < blocks.count && blocks[low].first <= position ? low : nil
    }

    /// Blocks follow each other, in positions and in bytes, from the first to the last.
    var isWhole: Bool {
        var (position, offset) = (first, 0)
        for block in blocks {
            guard block.first == position, block.last >= block.first, block.offset == offset, block.bytes > 0,
                block.textBytes > 0, block.bytes <= bytes - offset
            else { return false }
            position = block.last.next
            offset += block.bytes
        }
        return position == last.next && offset == bytes
    }
}

/// SHA-256 as the manifest and the log write it.
package enum ArchiveDigest {
    package static func of(_ bytes: some Collection<UInt8>) -> String {
        var hash = SHA256()
        if bytes.withContiguousStorageIfAvailable({ hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }) == nil {
            hash.update(data: Array(bytes))
        }
        return Hexadecimal.text(Array(hash.finalize()))
    }
}
