extension JSONText {
    /// The text between the quotation marks, whose escapes the scanner has checked.
    package static func unescaped(_ text: UnsafeBufferPointer<UInt8>) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            guard text[index] == UInt8(ascii: "\\") else {
                bytes.append(text[index])
                index += 1
                continue
            }
            index += append(escape: text, at: index, to: &bytes)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Returns the length of the escape.
    private static func append(escape text: UnsafeBufferPointer<UInt8>, at index: Int, to bytes: inout [UInt8]) -> Int {
        switch text[index + 1] {
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "u"):
            let first = codeUnit(text, at: index + 2) ?? 0
            guard first & 0xFC00 == 0xD800, let second = codeUnit(text, at: index + 8) else {
                append(scalar: first, to: &bytes)
                return 6
            }
            append(scalar: 0x10000 + (first & 0x3FF) << 10 + second & 0x3FF, to: &bytes)
            return 12
        default: bytes.append(text[index + 1])
        }
        return 2
    }

    private static func append(scalar value: UInt32, to bytes: inout [UInt8]) {
        let scalar = Unicode.Scalar(value) ?? "\u{FFFD}"
        bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }

    /// Four hexadecimal digits; nil when there are none.
    static func codeUnit(_ text: UnsafeBufferPointer<UInt8>, at index: Int) -> UInt32? {
        guard index + 4 <= text.count else { return nil }
        var value: UInt32 = 0
        for offset in 0..<4 {
            guard let digit = hexadecimalValue(text[index + offset]) else { return nil }
            value = value << 4 | digit
        }
        return value
    }
}
