import CChecksum
import RoostCore
import Testing

@Suite struct ChecksumTests {
    /// From RFC 3720, B.4, and the check value of the catalogue of CRC algorithms.
    @Test(
        "CRC-32C gives the published values",
        arguments: [
            ([UInt8](repeating: 0, count: 32), 0x8a91_36aa), ([UInt8](repeating: 0xFF, count: 32), 0x62a8_ab43),
            (Array(0..<32), 0x46dd_794e), (Array((0..<32).reversed()), 0x113f_db5c),
            (Array("123456789".utf8), 0xe306_9283),
            ([], 0),
        ] as [([UInt8], UInt32)])
    func publishedValues(bytes: [UInt8], expected: UInt32) {
        #expect(bytes.withUnsafeBytes { CRC32C.checksum($0) } == expected)
    }

    @Test("The processor's instruction and the bits one by one agree, for every length and alignment")
    func instruction() {
        var random = SeededRandom(seed: 3)
        random.bytes(300).withUnsafeBytes { bytes in
            for start in 0..<9 {
                for count in 0...(bytes.count - start) {
                    let part = UnsafeRawBufferPointer(rebasing: bytes[start..<(start + count)])
                    let fast = roost_crc32c(.max, part.baseAddress, count)
                    #expect(fast == roost_crc32c_plain(.max, part.baseAddress, count), "\(count) bytes from \(start)")
                }
            }
        }
    }

    @Test("A checksum does not depend on where its input is cut")
    func cuts() {
        var random = SeededRandom(seed: 1)
        let bytes = random.bytes(100)
        let whole = bytes.withUnsafeBytes { CRC32C.checksum($0) }
        for cut in 0...bytes.count {
            var sum = CRC32C()
            bytes[..<cut].withUnsafeBytes { sum.update($0) }
            bytes[cut...].withUnsafeBytes { sum.update($0) }
            #expect(sum.value == whole)
        }
    }

    @Test("Every change of one bit changes the checksum")
    func singleBits() {
        var random = SeededRandom(seed: 2)
        var bytes = random.bytes(70)
        let sound = bytes.withUnsafeBytes { CRC32C.checksum($0) }
        for bit in 0..<(bytes.count * 8) {
            bytes[bit / 8] ^= 1 << (bit % 8)
            #expect(bytes.withUnsafeBytes { CRC32C.checksum($0) } != sound)
            bytes[bit / 8] ^= 1 << (bit % 8)
        }
    }
}
