import RoostCore
import Testing

/// Damaged and forged frames: nothing crashes, and nothing damaged is accepted. Failures print the seed.
@Suite(.timeLimit(.minutes(2)))
struct FrameFuzzTests {
    /// Changes one to four things about one frame.
    private func mutate(_ frames: inout [[UInt8]], _ random: inout SeededRandom) {
        for _ in 0...random.next() % 4 {
            let index = Int(random.next() % UInt64(frames.count))
            guard !frames[index].isEmpty else { continue }
            let at = Int(random.next() % UInt64(frames[index].count))
            switch random.next() % 6 {
            case 0: frames[index][at] ^= 1 << (random.next() % 8)
            case 1: frames[index][at] = [0, 1, 0x7F, 0x80, 0xFF][Int(random.next() % 5)]
            case 2: frames[index].removeLast(frames[index].count - at)
            case 3: frames[index].insert(contentsOf: random.bytes(3), at: at)
            case 4: frames[index].replaceSubrange(at..., with: random.bytes(frames[index].count - at))
            default: frames[index] = frames[index].shuffled(using: &random)
            }
        }
    }

    /// What a forger would do: put the right checksum and length over wrong fields.
    private func forge(_ header: inout [UInt8], _ body: [UInt8], length: Int, checksum: Int) {
        guard header.count == checksum + 4 else { return }
        withUnsafeBytes(of: UInt32(body.count).littleEndian) { header.replaceSubrange(length..<(length + 4), with: $0) }
        let sum = (header[..<checksum] + body).withUnsafeBytes { CRC32C.checksum($0) }
        withUnsafeBytes(of: sum.littleEndian) { header.replaceSubrange(checksum..., with: $0) }
    }

    @Test("Damaged bus messages are refused", arguments: [UInt64(1), 2])
    func damagedBus(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let samples = [
            WireSamples.message(WireSamples.page(1)), WireSamples.message(WireSamples.page(5)), WireSamples.heartbeat,
        ]
        .map { BusFrames.encode($0)[0].map(\.array) }
        for round in 0..<12_500 {
            let sound = samples[round % samples.count]
            var frames = sound
            mutate(&frames, &random)
            let accepted = (try? BusFrames.decode(frames.map { SharedBytes($0) }, logID: WireSamples.logID)) != nil
            // The topic is checked against the header but not covered by the checksum: its group may differ.
            #expect(!accepted || frames[1...] == sound[1...], "seed \(seed), round \(round)")
        }
    }

    @Test("Forged bus messages never crash, and what is accepted is consistent", arguments: [UInt64(3), 4])
    func forgedBus(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let sample = BusFrames.encode(WireSamples.message(WireSamples.page(3)))[0].map(\.array)
        for round in 0..<12_500 {
            var frames = sample
            mutate(&frames, &random)
            forge(&frames[1], frames[2], length: 56, checksum: 60)
            let shared = frames.map { SharedBytes($0) }
            guard let message = try? BusFrames.decode(shared, logID: WireSamples.logID) else { continue }
            var position = message.first
            for event in message.events {
                #expect(event.position == position, "seed \(seed), round \(round)")
                #expect((try? StreamName(event.stream.description)) != nil, "seed \(seed), round \(round)")
                _ = (event.type, event.commandID, event.traceparent, event.subject, event.payload.array)
                position = position.next
            }
        }
    }

    @Test("Damaged command messages are refused", arguments: [UInt64(5), 6])
    func damagedCommands(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let samples = [
            CommandFrames.encode((0..<3).map { WireSamples.request($0) }, logID: WireSamples.logID),
            CommandFrames.encode((0..<9).map { WireSamples.answer($0) }, logID: WireSamples.logID)[0],
            CommandFrames.encode(credit: 12, logID: WireSamples.logID),
        ].map { $0.map(\.array) }
        for round in 0..<12_500 {
            let sound = samples[round % samples.count]
            var frames = sound
            mutate(&frames, &random)
            let accepted = (try? CommandFrames.decode(frames.map { SharedBytes($0) }, logID: WireSamples.logID)) != nil
            #expect(!accepted || frames == sound, "seed \(seed), round \(round)")
        }
    }

    @Test("Forged command messages never crash, and what is accepted obeys the limits", arguments: [UInt64(7), 8])
    func forgedCommands(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let samples = [
            CommandFrames.encode((0..<3).map { WireSamples.request($0) }, logID: WireSamples.logID),
            CommandFrames.encode((0..<9).map { WireSamples.answer($0) }, logID: WireSamples.logID)[0],
        ].map { $0.map(\.array) }
        for round in 0..<12_500 {
            var frames = samples[round % samples.count]
            mutate(&frames, &random)
            forge(&frames[0], frames[1], length: 12, checksum: 36)
            let shared = frames.map { SharedBytes($0) }
            guard case .commands(let requests, _)? = try? CommandFrames.decode(shared, logID: WireSamples.logID) else {
                continue
            }
            for request in requests {
                #expect(CommandFrames.problem(with: request) == nil, "seed \(seed), round \(round)")
                #expect((try? StreamName(request.stream.description)) != nil, "seed \(seed), round \(round)")
                #expect((try? CommandID(request.commandID.description)) != nil, "seed \(seed), round \(round)")
                _ = request.payload.array
            }
        }
    }

    @Test("Noise is refused by both protocols")
    func noise() {
        var random = SeededRandom(seed: 9)
        for _ in 0..<5000 {
            let frames = (0..<random.next() % 5).map { _ in SharedBytes(random.bytes(Int(random.next() % 200))) }
            #expect((try? BusFrames.decode(frames, logID: WireSamples.logID)) == nil)
            #expect((try? CommandFrames.decode(frames, logID: WireSamples.logID)) == nil)
        }
    }
}
