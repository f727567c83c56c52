import RoostCore
import Testing

@Suite struct CommandFramesTests {
    private let logID = WireSamples.logID

    private func describe(_ request: CommandRequest) -> String {
        var copy = request
        copy.payload = Bytes([])
        return "\(copy.number) \(copy.partition) \(copy.epoch) \(copy.deadline) \(copy.stream) \(copy.command)"
            + " \(copy.commandID) \(copy.expected) \(String(describing: copy.correlationID))"
            + " \(String(describing: copy.causationID)) \(copy.depth) \(copy.traceparent ?? "-")"
            + " \(String(describing: copy.occurred)) \(request.payload.array)"
    }

    @Test("Commands come back as they were sent")
    func commands() throws {
        let sent = (0..<50).map { WireSamples.request($0, payload: String(repeating: "x", count: Int($0))) }
        let frames = WireSamples.shared(CommandFrames.encode(sent, logID: logID))
        guard case .commands(let got, let invalid) = try CommandFrames.decode(frames, logID: logID) else {
            Issue.record("not commands")
            return
        }
        #expect(invalid.isEmpty)
        #expect(got.map(describe) == sent.map(describe))
        #expect(got.allSatisfy { $0.payload.owner === frames[1] }, "payloads share the frame")
    }

    @Test("Answers come back as they were sent, in messages of at most 256 KiB")
    func answers() throws {
        var sent = (0..<10_000).map { WireSamples.answer(UInt64($0)) }
        sent[1].explain(code: "c", reason: String(repeating: "r", count: 4000))
        let messages = CommandFrames.encode(sent, logID: logID)
        #expect(messages.count > 1)
        var got: [CommandAnswer] = []
        for message in messages {
            let frames = WireSamples.shared(message)
            #expect(frames[1].count <= CommandLayout.splitBytes)
            guard case .answers(let part) = try CommandFrames.decode(frames, logID: logID) else { continue }
            got += part
        }
        #expect(got == sent)
    }

    @Test("Texts of an answer are cut to their limits between characters")
    func longTexts() throws {
        var answer = WireSamples.answer(1)
        answer.explain(code: "c", reason: "a" + String(repeating: "ä", count: 4000))
        let frames = WireSamples.shared(CommandFrames.encode([answer], logID: logID)[0])
        guard case .answers(let got) = try CommandFrames.decode(frames, logID: logID) else { return }
        #expect(got[0].reason == "a" + String(repeating: "ä", count: 2047))
    }

    @Test("Credit and refusals come back as they were sent")
    func control() throws {
        let credit = WireSamples.shared(CommandFrames.encode(credit: 4096, logID: logID))
        guard case .credit(4096) = try CommandFrames.decode(credit, logID: logID) else {
            Issue.record("not the credit")
            return
        }
        // A refusal is read whatever log it comes from: that may be its reason.
        let refused = WireSamples.shared(CommandFrames.encode(refusal: .foreignLog, logID: logID))
        guard case .refused(.foreignLog) = try CommandFrames.decode(refused, logID: WireSamples.otherLogID) else {
            Issue.record("not the refusal")
            return
        }
    }

    @Test("A command that breaks a rule is answered and does not spoil its neighbours")
    func brokenRules() throws {
        var broken = (0..<4).map { WireSamples.request($0) }
        broken[0].stream = StreamName(unchecked: "no-slash")
        broken[1].commandID = CommandID(unchecked: "")
        broken[2].payload = Bytes([UInt8](repeating: 0, count: (1 << 20) + 1))
        broken[3].deadline = Timestamp(nanoseconds: -1)
        let sent = broken + [WireSamples.request(4)]
        let frames = WireSamples.shared(CommandFrames.encode(sent, logID: logID))
        guard case .commands(let got, let invalid) = try CommandFrames.decode(frames, logID: logID) else { return }
        #expect(got.map(\.number) == [4])
        #expect(invalid.map(\.number) == [0, 1, 2, 3])
        #expect(invalid.allSatisfy { $0.outcome == .rejected && $0.code == "malformedCommand" && $0.reason != nil })
    }

    @Test("What cannot be sent is known before it is sent")
    func problems() {
        var request = WireSamples.request(1)
        #expect(CommandFrames.problem(with: request) == nil)
        request.payload = Bytes([UInt8](repeating: 0, count: (1 << 20) + 1))
        #expect(CommandFrames.problem(with: request)?.contains("1048576") == true)
        request = WireSamples.request(1)
        request.command = ""
        #expect(CommandFrames.problem(with: request) != nil)
    }

    private func refusal(logID: LogID = WireSamples.logID, _ change: (inout [[UInt8]]) -> Void) -> CommandRefusal? {
        var frames = CommandFrames.encode((0..<3).map { WireSamples.request($0) }, logID: self.logID).map(\.array)
        change(&frames)
        if frames.count > 1, frames[0].count == 40 {
            let sum = (frames[0][..<36] + frames[1]).withUnsafeBytes { CRC32C.checksum($0) }
            withUnsafeBytes(of: sum.littleEndian) { frames[0].replaceSubrange(36..<40, with: $0) }
        }
        do throws(CommandRefusal) {
            _ = try CommandFrames.decode(frames.map { SharedBytes($0) }, logID: logID)
            return nil
        } catch {
            return error
        }
    }

    @Test("Broken frames are refused, each for its reason")
    func refusals() {
        #expect(refusal { _ in } == nil)
        #expect(refusal { $0.removeLast() } == .malformed)
        #expect(refusal { $0.append([]) } == .malformed)
        #expect(refusal { $0[0][0] = 0 } == .malformed)
        #expect(refusal { $0[0][4] = 2 } == .unknownVersion)
        #expect(refusal { $0[0][5] = 77 } == .malformed)
        #expect(refusal { $0[0][8] = 2 } == .malformed)
        #expect(refusal { $0[0][8] = 4 } == .malformed)
        #expect(refusal { $0[0][11] = 0xFF } == .malformed)
        #expect(refusal { $0[1][0] ^= 1 } == .malformed)
        #expect(refusal { $0[1][95] = 0x7F } == .malformed)
        #expect(refusal { $0[1].removeLast() } == .malformed)
        #expect(refusal(logID: WireSamples.otherLogID) { _ in } == .foreignLog)
        #expect(refusal { $0[1] = [UInt8](repeating: 0, count: 4 << 20) } == .oversized)
        var frames = CommandFrames.encode(credit: 1, logID: logID).map(\.array)
        frames[0][32] = 9
        #expect(throws: CommandRefusal.badChecksum) {
            try CommandFrames.decode(frames.map { SharedBytes($0) }, logID: logID)
        }
    }
}
