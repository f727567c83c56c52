/// Names the stream of one aggregate: `category/id`, at most 200 bytes of UTF-8, without personal data.
///
/// The category is `[a-z][a-z0-9-]{0,31}`; the id is not empty and has no control characters.
public struct StreamName: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The longest whole name, in bytes of UTF-8.
    public static let bytesMax = 200
    /// The longest category, in bytes.
    public static let categoryBytesMax = 32

    /// The whole name.
    public let description: String

    /// Throws with the rule that `text` breaks.
    public init(_ text: String) throws(InvalidName) {
        try Self.check(text)
        description = text
    }

    /// For names that were checked when they were stored or sent.
    package init(unchecked text: String) { description = text }

    /// The part before the first slash: the kind of aggregate.
    public var category: String { String(description[..<slash]) }

    /// Whether `category` is the part before the first slash, without making a string of it.
    package func isOf(category: String) -> Bool {
        var rest = description.utf8.makeIterator()
        for byte in category.utf8 { guard rest.next() == byte else { return false } }
        return rest.next() == UInt8(ascii: "/")
    }

    /// The part after the first slash: which aggregate.
    public var id: String { String(description[slash...].dropFirst()) }

    private var slash: String.Index {
        description.utf8.firstIndex(of: UInt8(ascii: "/")) ?? description.endIndex
    }

    /// The same bytes: texts that only look the same are other streams, as they are in every store.
    public static func == (left: Self, right: Self) -> Bool {
        left.description.utf8.elementsEqual(right.description.utf8)
    }

    /// By bytes, so streams of one category stand together.
    public static func < (left: Self, right: Self) -> Bool {
        left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }

    private static func check(_ text: String) throws(InvalidName) {
        let bytes = text.utf8
        guard bytes.count <= bytesMax else {
            throw InvalidName("stream name has \(bytes.count) bytes, \(bytesMax) are allowed")
        }
        guard let slash = bytes.firstIndex(of: UInt8(ascii: "/")) else {
            throw InvalidName("stream name '\(text)' has no slash; write category/id, as in order/17")
        }
        try checkCategory(String(text[..<slash]))
        let id = bytes[bytes.index(after: slash)...]
        guard !id.isEmpty else { throw InvalidName("stream name '\(text)' has no id after the slash") }
        guard id.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw InvalidName("stream name holds a control character")
        }
    }

    /// Throws unless `category` is `[a-z][a-z0-9-]{0,31}`.
    public static func checkCategory(_ category: String) throws(InvalidName) {
        let bytes = category.utf8
        let isValid =
            bytes.first.map { lowercase.contains($0) } == true && bytes.count <= categoryBytesMax
            && bytes.allSatisfy { lowercase.contains($0) || digits.contains($0) || $0 == UInt8(ascii: "-") }
        guard isValid else {
            throw InvalidName("'\(category)' is no category: a-z first, then a-z, 0-9 or -, at most 32 in all")
        }
    }

    private static let lowercase = UInt8(ascii: "a")...UInt8(ascii: "z")
    private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
}

/// A name that breaks the rule its message states.
public struct InvalidName: Error, Sendable, CustomStringConvertible {
    /// The rule, and how it was broken.
    public let description: String
    /// The message states the rule, for the person who chose the name.
    public init(_ description: String) { self.description = description }
}

/// The caller's or a derived identity of a command: 1 to 128 bytes of UTF-8. The same ID means the same command.
public struct CommandID: Hashable, Sendable, CustomStringConvertible {
    /// The longest ID, in bytes of UTF-8.
    public static let bytesMax = 128
    /// The ID as it was given.
    public let description: String

    /// Throws unless `text` has 1 to 128 bytes of UTF-8.
    public init(_ text: String) throws(InvalidName) {
        guard (1...Self.bytesMax).contains(text.utf8.count) else {
            throw InvalidName("command ID has \(text.utf8.count) bytes, 1 to \(Self.bytesMax) are allowed")
        }
        description = text
    }

    package init(unchecked text: String) { description = text }

    /// The same bytes.
    public static func == (left: Self, right: Self) -> Bool {
        left.description.utf8.elementsEqual(right.description.utf8)
    }

    /// The ID of the `index`-th follow-up of one reactor to one event: the same inputs, the same ID, time first.
    public init(derivedFrom event: EventID, part: UInt16, reactor: String, index: Int) {
        description = "\(event).\(part).\(reactor).\(index)"
    }
}
