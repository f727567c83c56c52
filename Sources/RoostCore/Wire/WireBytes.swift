/// Reading fields of frames and records: the caller has checked that they lie inside.
extension UnsafeRawBufferPointer {
    @inline(__always)
    func number<Value: FixedWidthInteger>(_ offset: Int, as type: Value.Type = Value.self) -> Value {
        Value(littleEndian: loadUnaligned(fromByteOffset: offset, as: Value.self))
    }

    /// The 128 bits of an identifier, most significant byte first.
    @inline(__always)
    func bits(_ offset: Int) -> UInt128 {
        let high = UInt64(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        let low = UInt64(bigEndian: loadUnaligned(fromByteOffset: offset &+ 8, as: UInt64.self))
        return UInt128(high) << 64 | UInt128(low)
    }

    @inline(__always)
    func part(_ offset: Int, _ count: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[offset..<offset &+ count])
    }

    /// nil when the bytes are no UTF-8.
    func text(_ offset: Int, _ count: Int) -> String? {
        guard count > 0 else { return "" }
        let bytes = part(offset, count)
        return bytes.isASCII ? String(decoding: bytes, as: UTF8.self) : String(validating: bytes, as: UTF8.self)
    }

    /// Whether all bytes are ASCII, which makes them UTF-8 too.
    var isASCII: Bool {
        var all: UInt8 = 0
        for byte in self { all |= byte }
        return all < 0x80
    }
}

/// Writing fields of frames and records into memory that is known to be large enough.
extension UnsafeMutableRawBufferPointer {
    @inline(__always)
    func put<Value: FixedWidthInteger>(_ value: Value, _ offset: Int) {
        storeBytes(of: value.littleEndian, toByteOffset: offset, as: Value.self)
    }

    @inline(__always)
    func put(bits: UInt128, _ offset: Int) {
        storeBytes(of: UInt64(truncatingIfNeeded: bits >> 64).bigEndian, toByteOffset: offset, as: UInt64.self)
        storeBytes(of: UInt64(truncatingIfNeeded: bits).bigEndian, toByteOffset: offset &+ 8, as: UInt64.self)
    }

    /// Copies, and moves `offset` behind the copy.
    @inline(__always)
    func put(_ bytes: UnsafeRawBufferPointer, at offset: inout Int) {
        UnsafeMutableRawBufferPointer(rebasing: self[offset..<offset &+ bytes.count]).copyMemory(from: bytes)
        offset &+= bytes.count
    }

    @inline(__always)
    func put(_ text: String, at offset: inout Int) {
        var text = text
        text.withUTF8 { put(UnsafeRawBufferPointer($0), at: &offset) }
    }
}

extension SharedBytes {
    /// Bytes that `fill` writes: it must write all of them.
    convenience init(count: Int, filling fill: (UnsafeMutableRawBufferPointer) -> Void) {
        let start = UnsafeMutableRawPointer.allocate(byteCount: Swift.max(1, count), alignment: 16)
        fill(UnsafeMutableRawBufferPointer(start: start, count: count))
        // Given to this object alone, which gives it back when the last reader has let go.
        nonisolated(unsafe) let owned = start
        self.init(adopting: start, count: count) { owned.deallocate() }
    }

    /// All of them.
    package var whole: Bytes { Bytes(self, offset: 0, count: count) }
}
