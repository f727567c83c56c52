/// 128 bits that name one thing for ever. Compared and stored as big-endian bytes, written as a lower-case UUID.
///
/// Each kind of thing has a type of its own, so an event ID cannot be passed where a correlation ID belongs.
public protocol Identifier: Hashable, Comparable, Sendable, LosslessStringConvertible, Codable {
    /// The bits, most significant first. Zero is the absence of an identifier on the wire and never a name.
    var bits: UInt128 { get }
    init(bits: UInt128)
}

extension Identifier {
    /// Accepts 32 hexadecimal digits, with or without the four dashes of a UUID; nil for anything else.
    public init?(_ text: String) {
        var bits: UInt128 = 0
        var digits = 0
        for byte in text.utf8 where byte != UInt8(ascii: "-") {
            guard let value = Hexadecimal.value(of: byte), digits < 32 else { return nil }
            bits = bits << 4 | UInt128(value)
            digits += 1
        }
        guard digits == 32, [32, 36].contains(text.utf8.count) else { return nil }
        self.init(bits: bits)
    }

    /// The lower-case UUID form.
    public var description: String {
        var text = ""
        text.reserveCapacity(36)
        for index in 0..<32 {
            if [8, 12, 16, 20].contains(index) { text.append("-") }
            text.unicodeScalars.append(Hexadecimal.digit(UInt8(truncatingIfNeeded: bits >> (124 - 4 * index) & 15)))
        }
        return text
    }

    /// The order of the big-endian bytes, which for UUID version 7 is the order of time.
    public static func < (left: Self, right: Self) -> Bool { left.bits < right.bits }

    /// Reads the UUID form. Throws when the text is not one.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Self(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a UUID: 32 hexadecimal digits")
        }
        self = value
    }

    /// Writes the lower-case UUID form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// Names one log. A reader's checkpoint carries it, so a checkpoint of another log is refused.
public struct LogID: Identifier {
    /// The bits, most significant first.
    public let bits: UInt128
    /// Takes any bits; zero stands for the absence of a log ID.
    public init(bits: UInt128) { self.bits = bits }
}

/// Names one event. UUID version 7: sorts by the time it was made.
public struct EventID: Identifier {
    /// The bits, most significant first: the time comes before the random part.
    public let bits: UInt128
    /// Takes any bits; zero stands for the absence of an event ID.
    public init(bits: UInt128) { self.bits = bits }
}

/// Constant along a chain of events, from the first command to the last follow-up.
public struct CorrelationID: Identifier {
    /// The bits, most significant first.
    public let bits: UInt128
    /// Takes any bits; zero stands for the absence of a correlation ID.
    public init(bits: UInt128) { self.bits = bits }
}

/// Names one run of one process. A restarted process is another incarnation.
public struct Incarnation: Identifier {
    /// The bits, most significant first.
    public let bits: UInt128
    /// Takes any bits; zero stands for the absence of an incarnation.
    public init(bits: UInt128) { self.bits = bits }
}

/// Hexadecimal digits without Foundation.
package enum Hexadecimal {
    package static func value(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    package static func digit(_ value: UInt8) -> Unicode.Scalar {
        Unicode.Scalar(value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10)
    }

    package static func text(_ bytes: some Sequence<UInt8>) -> String {
        var text = ""
        for byte in bytes {
            text.unicodeScalars.append(digit(byte >> 4))
            text.unicodeScalars.append(digit(byte & 15))
        }
        return text
    }
}
