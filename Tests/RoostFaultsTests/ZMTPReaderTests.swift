import RoostCore
import Testing

@testable import RoostFaults

@Suite("Taking ZMTP apart")
struct ZMTPReaderTests {
    @Test("Messages come whole and everything else as it came, however the bytes are cut", arguments: 1...20)
    func chunks(_ seed: UInt64) {
        let long = Wire.message([[1], [UInt8](repeating: 7, count: 300), []])
        let command = Wire.frame([5] + Array("READY".utf8), flags: 4)
        let stream = Wire.greeting() + command + Wire.message([[9, 9]]) + long + Wire.message([[]])
        var random = SeededRandom(seed: seed)
        var reader = ZMTPReader()
        var units: [ZMTPReader.Unit] = []
        var rest = stream[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...40, using: &random)
            units += reader.read(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        let messages = units.compactMap { if case .message(let message) = $0 { message } else { nil } }
        #expect(messages.map(\.bytes) == [Wire.message([[9, 9]]), long, Wire.message([[]])])
        #expect(
            messages[1].bodies.map { Array(messages[1].bytes[$0]) } == [[1], [UInt8](repeating: 7, count: 300), []])
        #expect(units.flatMap(\.bytes) == stream)
        #expect(!reader.isOpaque)
    }

    @Test(
        "What is not a readable connection passes untouched",
        arguments: [
            Wire.greeting(mechanism: "CURVE") + Wire.message([[1, 2, 3]]), Wire.greeting(major: 2) + [1, 2, 3],
            Array("GET / HTTP/1.1\r\n\r\n".utf8), Wire.greeting() + [0x80, 3, 1, 2, 3],
            Wire.greeting() + Wire.message([[1]]) + [
                2, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2,
            ],
            Wire.greeting() + Wire.frame([4], flags: 1) + [0x10, 0, 0],
        ])
    func opaque(_ stream: [UInt8]) {
        for size in [1, 7, 4096] {
            var reader = ZMTPReader()
            var passed: [UInt8] = []
            for start in stride(from: 0, to: stream.count, by: size) {
                for unit in reader.read(stream[start..<min(start + size, stream.count)]) { passed += unit.bytes }
            }
            #expect(reader.isOpaque && passed == stream)
        }
    }
}

extension ZMTPReader.Unit {
    var bytes: [UInt8] {
        switch self {
        case .bytes(let bytes): bytes
        case .message(let message): message.bytes
        }
    }
}

/// ZMTP 3 as libzmq writes it.
enum Wire {
    static func greeting(mechanism: String = "NULL", major: UInt8 = 3) -> [UInt8] {
        let name = Array(mechanism.utf8)
        return [0xFF] + [UInt8](repeating: 0, count: 8) + [0x7F, major, 1] + name
            + [UInt8](repeating: 0, count: 20 - name.count + 32)
    }

    static func frame(_ body: [UInt8], flags: UInt8) -> [UInt8] {
        guard body.count > 255 else { return [flags, UInt8(body.count)] + body }
        let count = UInt64(body.count)
        return [flags | 2] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) } + body
    }

    static func message(_ frames: [[UInt8]]) -> [UInt8] {
        frames.enumerated().flatMap { frame($0.element, flags: $0.offset + 1 < frames.count ? 1 : 0) }
    }
}
