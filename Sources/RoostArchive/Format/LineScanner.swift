import RoostCore
import RoostJSON

/// Reads one line that `ArchiveLine` has written, column by column. Anything that it would have written otherwise is nil.
struct LineScanner {
    private let base: UnsafePointer<UInt8>
    private let end: Int
    private var index = 0

    /// Without the line feed.
    init?(_ line: UnsafeRawBufferPointer) {
        guard let start = line.baseAddress else { return nil }
        base = start.assumingMemoryBound(to: UInt8.self)
        end = line.count
    }

    /// Passes over exactly these bytes.
    mutating func skip(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard end - index >= count else { return false }
        for offset in 0..<count where base[index + offset] != text.utf8Start[offset] { return false }
        index += count
        return true
    }

    mutating func number<Value: FixedWidthInteger>(_ name: StaticString) -> Value? {
        guard skip(name) else { return nil }
        let start = index
        var value: Value = 0
        while index < end, base[index] &- UInt8(ascii: "0") < 10 {
            let (tens, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, isTooLargeNow) = tens.addingReportingOverflow(Value(base[index] &- UInt8(ascii: "0")))
            guard !isTooLarge, !isTooLargeNow else { return nil }
            value = sum
            index += 1
        }
        return index > start ? value : nil
    }

    /// The bytes between quotation marks, as they stand there. nil for no string, the inner nil for JSON's null.
    mutating func text(_ name: StaticString) -> LineText?? {
        guard skip(name) else { return nil }
        if skip("null") { return .some(nil) }
        guard skip("\"") else { return nil }
        let start = index
        var isEscaped = false
        while index < end, base[index] != UInt8(ascii: "\"") {
            if base[index] == UInt8(ascii: "\\") {
                isEscaped = true
                index += 1
            }
            index += 1
        }
        guard index < end else { return nil }
        defer { index += 1 }
        return LineText(
            bytes: UnsafeBufferPointer(start: base + start, count: index - start), isEscaped: isEscaped)
    }

    /// The rest of the line without its last brace.
    mutating func rest() -> UnsafeRawBufferPointer? {
        guard end - index >= 2, base[end - 1] == UInt8(ascii: "}") else { return nil }
        defer { index = end }
        return UnsafeRawBufferPointer(start: base + index, count: end - 1 - index)
    }
}

/// A text of a line, valid as long as the line is.
struct LineText {
    let bytes: UnsafeBufferPointer<UInt8>
    let isEscaped: Bool

    var string: String { isEscaped ? JSONText.unescaped(bytes) : String(decoding: bytes, as: UTF8.self) }

    /// 16 bytes of hexadecimal digits, with or without dashes.
    var bits: UInt128? {
        var bits: UInt128 = 0
        var digits = 0
        for byte in bytes where byte != UInt8(ascii: "-") {
            guard let value = Hexadecimal.value(of: byte) else { return nil }
            bits = bits << 4 | UInt128(value)
            digits += 1
        }
        return digits == 32 ? bits : nil
    }

    /// 8 bytes of hexadecimal digits.
    var number: UInt64? { bytes.count == 16 ? UInt64(string, radix: 16) : nil }
    var time: Timestamp? { Timestamp(string) }
}
