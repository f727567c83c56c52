/// Bytes being written: one block that grows and is kept from one value to the next.
package struct JSONOutput: ~Copyable {
    private(set) var base: UnsafeMutablePointer<UInt8>
    package private(set) var count = 0
    private var capacity: Int

    package init(capacity: Int) {
        base = .allocate(capacity: capacity)
        self.capacity = capacity
    }

    deinit { base.deallocate() }

    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }
    /// The newest byte. There must be one.
    var last: UInt8 { base[count &- 1] }

    package mutating func removeAll() { count = 0 }

    @inline(__always)
    package mutating func put(_ byte: UInt8) {
        reserve(1)
        base[count] = byte
        count &+= 1
    }

    @inline(__always)
    package mutating func put(_ bytes: UnsafePointer<UInt8>, _ length: Int) {
        reserve(length)
        (base + count).update(from: bytes, count: length)
        count &+= length
    }

    @inline(__always)
    package mutating func put(_ text: StaticString) { put(text.utf8Start, text.utf8CodeUnitCount) }

    package mutating func put(_ text: consuming String) { text.withUTF8 { put($0) } }

    package mutating func put(_ bytes: UnsafeBufferPointer<UInt8>) {
        if let start = bytes.baseAddress { put(start, bytes.count) }
    }

    @inline(__always)
    package mutating func put(integer value: some FixedWidthInteger) {
        reserve(40)
        if value < 0 { put(UInt8(ascii: "-")) }
        var rest = value.magnitude
        var end = count &+ 1
        var probe = rest
        while probe >= 10 {
            probe /= 10
            end &+= 1
        }
        var index = end
        while index > count {
            index &-= 1
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            base[index] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: digit)
            rest = quotient
        }
        count = end
    }

    /// As Foundation writes it: the shortest text that reads back equal, without a trailing `.0`.
    package mutating func put(number: String) {
        var text = number
        if text.hasSuffix(".0") { text.removeLast(2) }
        put(text)
    }

    /// In quotation marks, escaped where JSON asks for it.
    @inline(__always)
    package mutating func put(string: consuming String) {
        string.withUTF8 { text in
            reserve(text.count &+ 2)
            put(UInt8(ascii: "\""))
            if JSONText.needsEscape(text) { putEscaped(text) } else { put(text) }
            put(UInt8(ascii: "\""))
        }
    }

    @inline(never)
    private mutating func putEscaped(_ text: UnsafeBufferPointer<UInt8>) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""): put("\\\"")
            case UInt8(ascii: "\\"): put("\\\\")
            case 0x0A: put("\\n")
            case 0x0D: put("\\r")
            case 0x09: put("\\t")
            case 0x08: put("\\b")
            case 0x0C: put("\\f")
            case 0..<0x20:
                put("\\u00")
                put(JSONText.hexadecimalDigit(byte >> 4))
                put(JSONText.hexadecimalDigit(byte & 15))
            default: put(byte)
            }
        }
    }

    /// Replaces everything from `start` on by bytes of the same length.
    mutating func replace(from start: Int, with bytes: [UInt8]) {
        precondition(start + bytes.count == count, "a replacement keeps the length")
        bytes.withUnsafeBufferPointer {
            count = start; put($0)
        }
    }

    @inline(__always)
    private mutating func reserve(_ more: Int) { if count &+ more > capacity { grow(more) } }

    @inline(never)
    private mutating func grow(_ more: Int) {
        capacity = max(capacity * 2, count + more)
        let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        grown.update(from: base, count: count)
        base.deallocate()
        base = grown
    }
}
