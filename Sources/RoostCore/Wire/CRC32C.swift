/// The CRC-32C checksum (Castagnoli), as iSCSI and ext4 use it: eight bytes a step, in plain Swift.
///
/// Finds damage, not malice: authentication is the transport's part.
package struct CRC32C: Sendable {
    private var state: UInt32 = 0xFFFF_FFFF

    package init() {}

    package var value: UInt32 { ~state }

    package static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var sum = CRC32C()
        sum.update(bytes)
        return sum.value
    }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var crc = state
        var offset = 0
        let tables = Self.tables
        let blocks = bytes.count & ~7
        while offset < blocks {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) ^ UInt64(crc)
            crc = tables[1792 &+ Int(word & 255)] ^ tables[1536 &+ Int(word >> 8 & 255)]
            crc ^= tables[1280 &+ Int(word >> 16 & 255)] ^ tables[1024 &+ Int(word >> 24 & 255)]
            crc ^= tables[768 &+ Int(word >> 32 & 255)] ^ tables[512 &+ Int(word >> 40 & 255)]
            crc ^= tables[256 &+ Int(word >> 48 & 255)] ^ tables[Int(word >> 56)]
            offset &+= 8
        }
        while offset < bytes.count {
            crc = crc >> 8 ^ tables[Int((crc ^ UInt32(bytes[offset])) & 255)]
            offset &+= 1
        }
        state = crc
    }

    /// Eight tables of 256 entries: the n-th says what a byte does to the sum n steps later.
    // Unsafe to the compiler only: filled once, before anybody can see it, then only read, for ever.
    private nonisolated(unsafe) static let tables: UnsafePointer<UInt32> = {
        let tables = UnsafeMutablePointer<UInt32>.allocate(capacity: 8 * 256)
        for byte in 0..<256 {
            tables[byte] = (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0x82F6_3B78 }
        }
        for index in 256..<(8 * 256) {
            let before = tables[index - 256]
            tables[index] = before >> 8 ^ tables[Int(before & 255)]
        }
        return UnsafePointer(tables)
    }()
}
