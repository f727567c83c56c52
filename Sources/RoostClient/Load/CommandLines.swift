package import Foundation
import RoostCore
import RoostJSON
package import RoostNode

/// Commands from a file with one JSON object a line, read line by line.
///
///     {"command":"PlaceOrder","to":"order/1","data":{…},"commandID":"…","occurredAt":"…"}
///
/// The last two are optional. A line without a command ID has one made of its number and content, so that loading the
/// file again changes nothing.
package struct CommandLines: Sequence, IteratorProtocol {
    private let file: FileHandle
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false
    private var number = 0

    private static let chunkBytes = 1 << 18
    /// Longer lines are refused: a command's data is at most 1 MiB.
    private static let lineBytesMax = 1 << 22

    package init(file: FileHandle) { self.file = file }

    /// The next line that is not blank, as a command or as what is wrong with it.
    package mutating func next() -> ImportItem? {
        while let line = nextLine() {
            number += 1
            guard line.contains(where: { !Self.blanks.contains($0) }) else { continue }
            return Self.item(line, number: number)
        }
        return nil
    }

    private mutating func nextLine() -> [UInt8]? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { start = end + 1 }
                return Array(buffer[start..<end])
            }
            searched = buffer.count
            guard !isAtEnd, buffer.count - start <= Self.lineBytesMax else { return rest() }
            searched -= start
            buffer.removeSubrange(..<start)
            start = 0
            let chunk = file.readData(ofLength: Self.chunkBytes)
            isAtEnd = chunk.isEmpty
            buffer += chunk
        }
    }

    private mutating func rest() -> [UInt8]? {
        guard start < buffer.count else { return nil }
        defer { start = buffer.count }
        return Array(buffer[start...])
    }

    private static let blanks: Set<UInt8> = [0x20, 0x09, 0x0D]

    private struct Line: Decodable {
        let command: String
        let to: String
        let data: JSONValue?
        let commandID: String?
        let occurredAt: Timestamp?
    }

    private static func item(_ line: [UInt8], number: Int) -> ImportItem {
        do {
            let parsed = try JSONPayloadDecoder().decode(Line.self, from: line)
            return .command(
                ImportedCommand(
                    command: parsed.command, stream: try StreamName(parsed.to),
                    data: Bytes((parsed.data ?? .object(JSONObject())).bytes),
                    commandID: try parsed.commandID.map { try CommandID($0) } ?? derivedID(line, number),
                    occurred: parsed.occurredAt, rows: 1))
        } catch {
            return .invalid(line: number, reason: "\(error)", rows: 1)
        }
    }

    private static func derivedID(_ line: [UInt8], _ number: Int) -> CommandID {
        let hashes = line.withUnsafeBytes { (StableHash.folded($0), StableHash.folded($0, seed: 0x5eed)) }
        let digits = String(number)
        let padded = String(repeating: "0", count: Swift.max(0, 10 - digits.count)) + digits
        let bits = UInt128(hashes.0) << 64 | UInt128(hashes.1)
        return CommandID(unchecked: "line.\(padded).\(EventID(bits: bits))")
    }
}
