#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Finds the objects of a JSON text whose only member has a given key, as in `{"plain": …}`, and where they stand. Everything
/// else stays as it is written, byte for byte.
struct MarkedObjects {
    struct Found {
        /// Of the whole object.
        let range: Range<Int>
        /// Of the member's value.
        let value: Range<Int>
        /// The keys that lead to the object, as in `address.street` or `lines[2].note`; `.` and `[` within a key stay.
        let path: String
    }

    private let bytes: UnsafeRawBufferPointer
    private let key: ArraySlice<UInt8>
    private var at = 0
    private var found: [Found] = []

    /// Whether a text can hold such an object at all: much cheaper than looking for it.
    static func mayHold(_ bytes: UnsafeRawBufferPointer, _ mark: Mark) -> Bool {
        var rest = bytes[...]
        while let base = UnsafeRawBufferPointer(rebasing: rest).baseAddress,
            let found = memchr(base, Int32(UInt8(ascii: "{")), rest.count)
        {
            rest = rest[(rest.startIndex + (UnsafeRawPointer(found) - base))...]
            if rest.starts(with: mark.beginning) { return true }
            rest = rest.dropFirst()
        }
        return false
    }

    /// The only member of the objects that are looked for.
    enum Mark {
        case plain, sealed

        private static let plainBeginning = Array(#"{"plain":"#.utf8)
        private static let sealedBeginning = Array(#"{"sealed":"#.utf8)
        var beginning: [UInt8] { self == .plain ? Self.plainBeginning : Self.sealedBeginning }
        /// Without the quotes around it.
        var key: ArraySlice<UInt8> { beginning.dropFirst(2).dropLast(2) }
    }

    /// `bytes` must be valid JSON, without spaces between a brace, the key and its colon.
    static func find(_ mark: Mark, in bytes: UnsafeRawBufferPointer) -> [Found] {
        guard mayHold(bytes, mark) else { return [] }
        var search = MarkedObjects(bytes: bytes, key: mark.key)
        search.value("")
        return search.found
    }

    private init(bytes: UnsafeRawBufferPointer, key: ArraySlice<UInt8>) {
        self.bytes = bytes
        self.key = key
    }

    /// The text with each object replaced by what `body` gives for it.
    static func replacing(
        _ found: [Found], of bytes: UnsafeRawBufferPointer, with body: (Found) throws -> [UInt8]
    ) rethrows -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count * 2)
        var end = 0
        for object in found.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            // What lies within one that was replaced went with it.
            guard object.range.lowerBound >= end else { continue }
            result += bytes[end..<object.range.lowerBound]
            result += try body(object)
            end = object.range.upperBound
        }
        result += bytes[end...]
        return result
    }

    private mutating func value(_ path: String) {
        skipSpace()
        guard at < bytes.count else { return }
        switch bytes[at] {
        case UInt8(ascii: "{"): object(path)
        case UInt8(ascii: "["): array(path)
        case UInt8(ascii: "\""): string()
        default: while at < bytes.count, !Self.ends.contains(bytes[at]) { at += 1 }
        }
        skipSpace()
    }

    private static let ends = Array(",]}".utf8)

    private mutating func object(_ path: String) {
        let start = at
        at += 1
        var members = 0
        var marked: Range<Int>?
        skipSpace()
        while at < bytes.count, bytes[at] != UInt8(ascii: "}") {
            let name = at + 1
            string()
            let nameRange = name..<(at - 1)
            skipSpace()
            at += 1
            skipSpace()
            let begin = at
            let text = String(decoding: bytes[nameRange], as: UTF8.self)
            value(path.isEmpty ? text : "\(path).\(text)")
            members += 1
            if bytes[nameRange].elementsEqual(key) { marked = begin..<at }
            if at < bytes.count, bytes[at] == UInt8(ascii: ",") { at += 1 }
            skipSpace()
        }
        at += 1
        if members == 1, let marked { found.append(Found(range: start..<at, value: marked, path: path)) }
    }

    private mutating func array(_ path: String) {
        at += 1
        var index = 0
        skipSpace()
        while at < bytes.count, bytes[at] != UInt8(ascii: "]") {
            value("\(path)[\(index)]")
            index += 1
            if at < bytes.count, bytes[at] == UInt8(ascii: ",") { at += 1 }
            skipSpace()
        }
        at += 1
    }

    private mutating func string() {
        at += 1
        while at < bytes.count, bytes[at] != UInt8(ascii: "\"") {
            at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1
        }
        at += 1
    }

    private mutating func skipSpace() {
        while at < bytes.count, [0x20, 0x0a, 0x0d, 0x09].contains(bytes[at]) { at += 1 }
    }
}
