import Foundation

/// Numbers are read from the document's text when their type is known.
extension Tape {
    /// nil when the node is no whole number written as digits, or does not fit.
    @inline(__always)
    func integer<Number: FixedWidthInteger>(_ index: Int) -> Number? {
        let node = self[index]
        guard node.kind == .number, !node.isComplex else { return nil }
        let digits = text(index)
        guard digits.count <= 18 else { return Number(String(decoding: digits, as: UTF8.self)) }
        let isNegative = digits[0] == UInt8(ascii: "-")
        var value: Int64 = 0
        for digit in digits[(isNegative ? 1 : 0)...] { value = value &* 10 &+ Int64(digit &- UInt8(ascii: "0")) }
        return Number(exactly: isNegative ? 0 &- value : value)
    }

    /// nil when the node is no number, or beyond the largest finite one.
    func double(_ index: Int) -> Double? {
        guard self[index].kind == .number else { return nil }
        if let exact = DecimalText(text(index)).exactDouble { return exact }
        return finite(Double(String(decoding: text(index), as: UTF8.self)))
    }

    func number<Number: BinaryFloatingPoint & LosslessStringConvertible>(_ index: Int) -> Number? {
        guard self[index].kind == .number else { return nil }
        return finite(Number(String(decoding: text(index), as: UTF8.self)))
    }

    func decimal(_ index: Int) -> Decimal? {
        guard self[index].kind == .number else { return nil }
        return Decimal(string: String(decoding: text(index), as: UTF8.self))
    }

    private func finite<Number: BinaryFloatingPoint>(_ value: Number?) -> Number? {
        guard let value, value.isFinite else { return nil }
        return value
    }
}

/// A number as digits and a power of ten.
private struct DecimalText {
    private static let powers: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]
    private var significand: UInt64 = 0
    private var exponent = 0
    private var isNegative = false
    private var isShort = false

    init(_ text: UnsafeBufferPointer<UInt8>) {
        guard text.count <= 17 else { return }
        var fraction = 0
        for byte in text {
            switch byte {
            case UInt8(ascii: "-"): isNegative = true
            case UInt8(ascii: "."): fraction = 1
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                significand = significand &* 10 &+ UInt64(byte &- UInt8(ascii: "0"))
                exponent -= fraction
            default: return
            }
        }
        isShort = true
    }

    /// Both factors are exact, so their quotient is rounded once and correct.
    var exactDouble: Double? {
        guard isShort, significand <= 1 << 53, exponent >= -22 else { return nil }
        let value = Double(significand) / Self.powers[-exponent]
        return isNegative ? -value : value
    }
}
