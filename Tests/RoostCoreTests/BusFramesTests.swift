import RoostCore
import Testing

@Suite struct BusFramesTests {
    private func roundTrip(_ message: BusMessage) throws -> [BusMessage] {
        try BusFrames.encode(message).map { try BusFrames.decode(WireSamples.shared($0), logID: WireSamples.logID) }
    }

    @Test("A message comes back as it was sent")
    func roundTrip() throws {
        let sent = WireSamples.message(WireSamples.page(20, from: 5), first: 5, newest: 90)
        let got = try #require(try roundTrip(sent).first)
        #expect(got.kind == .events && got.topic == "orders.0000000b" && got.partition == sent.partition)
        #expect(got.epoch == sent.epoch && got.logID == sent.logID)
        #expect(got.first == Position(5) && got.newest == Position(90) && got.events.count == 20)
        #expect(got.events.map(\.canonicalBytes.array) == sent.events.map(\.canonicalBytes.array))
    }

    @Test("A heartbeat comes back as it was sent")
    func heartbeat() throws {
        let got = try #require(try roundTrip(WireSamples.heartbeat).first)
        #expect(got.kind == .heartbeat && got.newest == Position(42) && got.events.isEmpty)
    }

    @Test("A commit over 256 KiB is split into messages with contiguous positions")
    func split() throws {
        let sent = WireSamples.message(WireSamples.page(500, payloadBytes: 2000))
        let got = try roundTrip(sent)
        #expect(got.count == 5)
        #expect(got.flatMap { $0.events.map(\.position.rawValue) } == Array(1...500))
        #expect(got.allSatisfy { $0.newest == Position(500) && $0.first == $0.events[0].position })
        #expect(got.allSatisfy { $0.events.bytes.count <= 256 << 10 })
    }

    @Test("An event over 256 KiB is a message of its own")
    func largeEvents() throws {
        let got = try roundTrip(WireSamples.message(WireSamples.page(3, payloadBytes: 1 << 20)))
        #expect(got.map(\.events.count) == [1, 1, 1])
    }

    @Test("Records that are not neighbours in memory still travel, in order")
    func holesInMemory() throws {
        let page = WireSamples.page(3)
        let first = page[0].canonicalBytes
        var arena = first.array
        let hole = arena.count
        arena += [UInt8](repeating: 1, count: 10) + page[1].canonicalBytes.array
        let torn = EventPage(checked: SharedBytes(arena), offsets: [0, hole + 10])
        let got = try roundTrip(WireSamples.message(torn))
        #expect(got.map(\.first) == [Position(1), Position(2)])
    }

    @Test("Decoded events share the received frame")
    func noCopy() throws {
        let frames = WireSamples.shared(BusFrames.encode(WireSamples.message(WireSamples.page(3)))[0])
        let got = try BusFrames.decode(frames, logID: WireSamples.logID)
        #expect(got.events.bytes === frames[2])
        #expect(got.events[2].payload.owner === frames[2])
    }

    /// Changes the header and makes its checksum right again, as a writer of such frames would.
    private func refusal(
        logID: LogID = WireSamples.logID, of message: BusMessage? = nil, _ change: (inout [[UInt8]]) -> Void
    )
        -> BusRefusal?
    {
        var frames = BusFrames.encode(message ?? WireSamples.message(WireSamples.page(4)))[0].map(\.array)
        change(&frames)
        if frames.count > 2, frames[1].count == 64 {
            let sum = (frames[1][..<60] + frames[2]).withUnsafeBytes { CRC32C.checksum($0) }
            withUnsafeBytes(of: sum.littleEndian) { frames[1].replaceSubrange(60..<64, with: $0) }
        }
        do throws(BusRefusal) {
            _ = try BusFrames.decode(frames.map { SharedBytes($0) }, logID: logID)
            return nil
        } catch {
            return error
        }
    }

    @Test("Unchanged frames are accepted: the refusals below have their own reasons")
    func control() { #expect(refusal { _ in } == nil) }

    @Test("Fields that contradict each other are malformed")
    func contradictions() {
        #expect(refusal { $0.removeLast() } == .malformed)
        #expect(refusal { $0.append([]) } == .malformed)
        #expect(refusal { $0[0] = Array("orders.0000000c".utf8) } == .malformed)
        #expect(refusal { $0[0] = [0xFF, 0xFE] } == .malformed)
        #expect(refusal { $0[1].removeLast() } == .malformed)
        #expect(refusal { $0[1][0] = 0 } == .malformed)
        #expect(refusal { $0[1][5] = 9 } == .malformed)
        #expect(refusal { $0[1][6] = 65 } == .malformed)
        #expect(refusal { $0[1][12] = 3 } == .malformed)
        #expect(refusal { $0[1][24] = 2 } == .malformed)
        #expect(refusal { $0[1][32] = 1 } == .malformed)
        #expect(refusal { $0[1][16] = 2 } == .malformed, "events of a later epoch than the sender's")
        #expect(refusal { $0[2].removeLast() } == .malformed)
        #expect(refusal { $0[2][EventLayout.headBytes] = UInt8(ascii: "X") } == .malformed, "no stream name")
        #expect(refusal(of: WireSamples.heartbeat) { $0[1][24] = 1 } == .malformed)
        #expect(
            refusal(of: WireSamples.heartbeat) { frames in
                for offset in 24..<40 { frames[1][offset] = 0xFF }
            } == .malformed, "no position follows the last number")
    }

    @Test("Version, log, size and damage have reasons of their own")
    func reasons() {
        #expect(refusal { $0[1][4] = 2 } == .unknownVersion)
        #expect(refusal(logID: WireSamples.otherLogID) { _ in } == .foreignLog)
        #expect(refusal { $0[2] = [UInt8](repeating: 0, count: 2 << 20) } == .oversized)
        var frames = BusFrames.encode(WireSamples.heartbeat)[0].map(\.array)
        frames[1][40] ^= 1
        #expect(throws: BusRefusal.badChecksum) {
            try BusFrames.decode(frames.map { SharedBytes($0) }, logID: WireSamples.logID)
        }
    }
}
