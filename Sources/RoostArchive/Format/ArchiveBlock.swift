package import RoostCore

/// The events of one block, still as lines: each is read when it is asked for.
package final class ArchiveBlock: Sendable {
    package let first: Position
    package let last: Position
    /// The lines, each with its line feed.
    package let text: [UInt8]
    /// Where each line starts, and where the last one ends.
    private let starts: [Int]

    /// nil unless the text has exactly the lines of these positions.
    init?(_ text: [UInt8], first: Position, last: Position) {
        var starts = [0]
        text.withUnsafeBufferPointer { bytes in
            for index in bytes.indices where bytes[index] == UInt8(ascii: "\n") { starts.append(index + 1) }
        }
        guard starts.last == text.count, UInt64(starts.count) == last.rawValue - first.rawValue + 2 else { return nil }
        self.text = text
        self.starts = starts
        self.first = first
        self.last = last
    }

    /// Appends the canonical bytes of the event at `position`, which must be in this block. Returns where they start and
    /// where the event's stream stood before it; nil when the line is none.
    package func append(
        _ position: Position, to writer: inout EventWriter
    ) -> (offset: Int, previous: Position)? {
        let index = Int(position.rawValue - first.rawValue)
        return text.withUnsafeBytes { bytes in
            let line = UnsafeRawBufferPointer(rebasing: bytes[starts[index]..<starts[index + 1] - 1])
            return ArchiveLine.read(line, to: &writer)
        }
    }
}
