import CZlib

/// One gzip member: a file of several, one after the other, is again a gzip file.
package enum Gzip {
    private static let level: Int32 = 6
    /// zlib's way to say gzip rather than its own format, with the largest window.
    private static let windowBits: Int32 = 15 + 16
    private static let memoryLevel: Int32 = 8

    /// The same bytes for the same input and the same release of zlib: no time and no name is in it.
    package static func compress(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var stream = z_stream()
        let opened = deflateInit2_(
            &stream, level, Z_DEFLATED, windowBits, memoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        precondition(opened == Z_OK, "zlib has no memory")
        defer { deflateEnd(&stream) }
        let room = Int(deflateBound(&stream, UInt(bytes.count)))
        return [UInt8](unsafeUninitializedCapacity: room) { output, count in
            stream.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
            stream.avail_in = UInt32(bytes.count)
            stream.next_out = output.baseAddress
            stream.avail_out = UInt32(room)
            let result = deflate(&stream, Z_FINISH)
            precondition(result == Z_STREAM_END, "the bound of zlib is too small")
            count = room - Int(stream.avail_out)
        }
    }

    /// Exactly `length` bytes; nil when that is not what the member holds.
    package static func decompress(_ bytes: UnsafeRawBufferPointer, length: Int) -> [UInt8]? {
        var stream = z_stream()
        guard inflateInit2_(&stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            return nil
        }
        defer { inflateEnd(&stream) }
        var isWhole = false
        // One byte more than expected shows when there is more; zlib writes to no empty buffer.
        let output = [UInt8](unsafeUninitializedCapacity: length + 1) { output, count in
            stream.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
            stream.avail_in = UInt32(bytes.count)
            stream.next_out = output.baseAddress
            stream.avail_out = UInt32(length + 1)
            isWhole = inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_in == 0
            count = length + 1 - Int(stream.avail_out)
        }
        return isWhole && output.count == length ? output : nil
    }
}
