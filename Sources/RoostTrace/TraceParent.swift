package import RoostCore

/// The W3C header `traceparent`: which trace something belongs to, and which span asked for it.
package struct TraceParent: Hashable, Sendable, CustomStringConvertible {
    /// 32 lower-case hexadecimal digits, not all zero.
    package let traceID: String
    /// 16 lower-case hexadecimal digits, not all zero.
    package let spanID: String
    private let flags: UInt8

    private static let isSampled: UInt8 = 1
    /// Sampled, and with a random trace ID: whoever passes a header on sets all other bits to zero.
    private static let knownFlags: UInt8 = 3
    private static let length = 55

    /// Reads a header. nil for one that the standard asks to ignore; of a version newer than 00, what 00 knows is read.
    package init?(_ header: String) {
        let bytes = Array(header.utf8)
        guard bytes.count >= Self.length else { return nil }
        let parts = header.utf8.prefix(Self.length).split(
            separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.map(\.count) == [2, 32, 16, 2], parts.allSatisfy({ $0.allSatisfy(Self.isDigit) }) else {
            return nil
        }
        let texts = parts.map { String(Substring($0)) }
        guard texts[0] != "ff", texts[1].contains(where: { $0 != "0" }), texts[2].contains(where: { $0 != "0" }),
            bytes.count == Self.length || texts[0] != "00" && bytes[Self.length] == UInt8(ascii: "-"),
            let flags = UInt8(texts[3], radix: 16)
        else { return nil }
        traceID = texts[1]
        spanID = texts[2]
        self.flags = flags & Self.knownFlags
    }

    /// What comes after an event, in the trace of its chain: there is its span. Sampled as whoever asked for it wants it.
    package init(after event: EventID, of correlation: CorrelationID, askedBy parent: TraceParent? = nil) {
        traceID = OTLPTraces.hexadecimal(correlation)
        spanID = OTLPTraces.spanID(of: event)
        flags = parent?.flags ?? Self.isSampled
    }

    /// The header in version 00.
    package var description: String { "00-\(traceID)-\(spanID)-0\(flags)" }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
