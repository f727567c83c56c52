/// Reads RFC 4180 from bytes: fields in quotes may hold commas, doubled quotes and line ends.
///
/// Text that is not UTF-8 is read as Latin-1, as spreadsheets write it. A quote inside a bare field is a quote.
struct CSVReader: IteratorProtocol {
    /// One record, or what is wrong with it; reading goes on after it.
    struct Record {
        /// Of its first character, from 1.
        let line: Int
        let fields: [String]
        var problem: String?
    }

    private let bytes: [UInt8]
    private var index = 0
    private var line = 1

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
    }

    mutating func next() -> Record? {
        guard index < bytes.count else { return nil }
        let start = line
        var fields: [String] = []
        var problem: String?
        repeat {
            fields.append(current == Self.quote ? quoted(&problem) : bare())
        } while skip(Self.comma)
        _ = skip(Self.carriageReturn)
        _ = skip(Self.newLine)
        line += 1
        return Record(line: start, fields: fields, problem: problem)
    }

    private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        index += 1
        return true
    }

    private mutating func bare() -> String {
        let start = index
        while let byte = current, byte != Self.comma, byte != Self.newLine { index += 1 }
        var end = index
        if end > start, current != Self.comma, bytes[end - 1] == Self.carriageReturn { end -= 1 }
        return Self.text(bytes[start..<end])
    }

    private mutating func quoted(_ problem: inout String?) -> String {
        index += 1
        var content: [UInt8] = []
        while let byte = current {
            index += 1
            if byte == Self.newLine { line += 1 }
            guard byte == Self.quote else {
                content.append(byte)
                continue
            }
            if skip(Self.quote) {
                content.append(Self.quote)
                continue
            }
            if !isAtFieldEnd {
                problem = "text follows a closing quote"
                _ = bare()
            }
            return Self.text(content[...])
        }
        problem = "a quote is never closed"
        return Self.text(content[...])
    }

    private var isAtFieldEnd: Bool {
        guard let current else { return true }
        return current == Self.comma || current == Self.newLine || current == Self.carriageReturn
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(validating: bytes, as: UTF8.self)
            ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }

    private static let quote = UInt8(ascii: "\"")
    private static let comma = UInt8(ascii: ",")
    private static let carriageReturn = UInt8(ascii: "\r")
    private static let newLine = UInt8(ascii: "\n")
}
