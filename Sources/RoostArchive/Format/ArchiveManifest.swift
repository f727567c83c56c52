import Crypto
package import RoostCore

/// What is in one archive: everything that finds an event in it without reading all of it, and proves what was read.
///
/// A file of its own beside the events, gzipped JSON. The log keeps the digest of it, and it holds the digests of the rest.
package struct ArchiveManifest: Codable, Equatable, Sendable {
    package static let format = "roost.archive/1"

    /// What the archive holds of one kind of event, and where the first of them stands.
    package struct Kind: Codable, Equatable, Sendable {
        package let type: String
        package let schemaVersion: UInt32
        package let count: UInt64
        package let first: Position
    }

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

    /// The events of one stream: their versions follow each other.
    package struct Stream: Codable, Equatable, Sendable {
        package let stream: String
        /// Of the first one.
        package let version: StreamVersion
        package let positions: [Position]
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
    package let sha256: String
    package let kinds: [Kind]
    package let blocks: [Block]
    /// By name.
    package let streams: [Stream]

    /// Where a stream's events are in this archive; nil when there are none.
    package func stream(_ name: StreamName) -> Stream? {
        let index = streams.partitioningIndex { $0.stream >= name.description }
        return index < streams.count && streams[index].stream == name.description ? streams[index] : nil
    }

    /// The number of the block that holds a position; nil when none does.
    package func block(holding position: Position) -> Int? {
        let index = blocks.partitioningIndex { $0.last >= position }
        return index < blocks.count && blocks[index].first <= position ? index : nil
    }
}

extension Array {
    /// The index of the first element for which `isAfter` holds, which then holds for all that follow.
    fileprivate func partitioningIndex(where isAfter: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isAfter(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
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
