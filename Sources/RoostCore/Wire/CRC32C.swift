internal import CChecksum

/// The CRC-32C checksum (Castagnoli), as iSCSI and ext4 use it, by the processor's own instruction where there is one.
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
        state = roost_crc32c(state, bytes.baseAddress, bytes.count)
    }
}
