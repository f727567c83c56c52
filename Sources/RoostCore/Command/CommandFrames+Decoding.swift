extension CommandFrames {
    /// The message of a header and a body frame, or why it must be dropped. Payloads share the body frame.
    ///
    /// A command whose fields break a rule does not spoil its neighbours: it comes back as the answer to give.
    package static func decode(_ frames: some RandomAccessCollection<SharedBytes>, logID: LogID)
        throws(CommandRefusal) -> CommandMessage
    {
        guard frames.count == 2, let header = frames.first, let body = frames.last else { throw .malformed }
        guard body.count <= CommandLayout.bodyBytesMax else { throw .oversized }
        return try header.withUnsafeBytes { head throws(CommandRefusal) in
            try body.withUnsafeBytes { raw throws(CommandRefusal) in try decode(head, raw, body, logID) }
        }
    }

    private static func decode(
        _ head: UnsafeRawBufferPointer, _ raw: UnsafeRawBufferPointer, _ body: SharedBytes, _ logID: LogID
    ) throws(CommandRefusal) -> CommandMessage {
        guard head.count >= 8, head.number(0) == CommandLayout.magic else { throw .malformed }
        guard head[CommandLayout.version] == CommandLayout.protocolVersion else { throw .unknownVersion }
        guard head.count == CommandLayout.headerBytes, head.number(CommandLayout.headerCount) == UInt16(head.count),
            head.number(CommandLayout.bodyBytes) == UInt32(raw.count)
        else { throw .malformed }
        guard head.number(CommandLayout.checksum) == checksum(head, raw) else { throw .badChecksum }
        guard let kind = Kind(rawValue: head[CommandLayout.kind]) else { throw .malformed }
        let count = Int(head.number(CommandLayout.count, as: UInt32.self))
        let value = head.number(CommandLayout.value, as: UInt32.self)
        let isForeign = LogID(bits: head.bits(CommandLayout.logID)) != logID
        switch kind {
        case .commands, .answers:
            guard !isForeign else { throw .foreignLog }
            return kind == .commands ? try commands(raw, body, count) : .answers(try answers(raw, count))
        case .credit:
            guard !isForeign else { throw .foreignLog }
            guard count == 0, raw.isEmpty else { throw .malformed }
            return .credit(value)
        case .refused:
            guard count == 0, raw.isEmpty, let refusal = CommandRefusal(rawValue: value) else { throw .malformed }
            return .refused(refusal)
        }
    }

    private static func commands(
        _ raw: UnsafeRawBufferPointer, _ body: SharedBytes, _ count: Int
    ) throws(CommandRefusal) -> CommandMessage {
        guard count > 0, count <= raw.count / RequestLayout.headBytes else { throw .malformed }
        var requests: [CommandRequest] = []
        requests.reserveCapacity(count)
        var invalid: [CommandAnswer] = []
        var offset = 0
        for _ in 0..<count {
            let record = try RequestRecord(raw, at: offset)
            switch record.request(raw, body) {
            case .success(let request): requests.append(request)
            case .failure(let problem): invalid.append(record.refusal(raw, problem))
            }
            offset = record.end
        }
        guard offset == raw.count else { throw .malformed }
        return .commands(requests, invalid: invalid)
    }

    private static func answers(_ raw: UnsafeRawBufferPointer, _ count: Int) throws(CommandRefusal) -> [CommandAnswer] {
        guard count > 0, count <= raw.count / AnswerLayout.headBytes else { throw .malformed }
        var answers: [CommandAnswer] = []
        answers.reserveCapacity(count)
        var offset = 0
        for _ in 0..<count { answers.append(try answer(raw, at: &offset)) }
        guard offset == raw.count else { throw .malformed }
        return answers
    }

    private static func answer(
        _ raw: UnsafeRawBufferPointer, at offset: inout Int
    ) throws(CommandRefusal) -> CommandAnswer {
        guard raw.count - offset >= AnswerLayout.headBytes else { throw .malformed }
        let start = offset
        func length(_ field: Int) -> Int { Int(raw.number(start + field, as: UInt16.self)) }
        let lengths = (
            length(AnswerLayout.codeBytes), length(AnswerLayout.reasonBytes), length(AnswerLayout.nextBytes),
            length(AnswerLayout.endpointBytes)
        )
        let total = AnswerLayout.headBytes + lengths.0 + lengths.1 + lengths.2 + lengths.3
        guard raw.number(start) == UInt32(total), total <= raw.count - start,
            let outcome = CommandOutcome(rawValue: raw[start + AnswerLayout.outcome])
        else { throw .malformed }
        offset += AnswerLayout.headBytes
        let code = try text(raw, &offset, lengths.0)
        let reason = try text(raw, &offset, lengths.1)
        let next = try text(raw, &offset, lengths.2)
        let endpoint = try text(raw, &offset, lengths.3)
        let hasRoute = raw[start + AnswerLayout.flags] & 1 != 0
        let epoch = Epoch(raw.number(start + AnswerLayout.routeEpoch))
        let correlation = raw.bits(start + AnswerLayout.correlationID)
        return CommandAnswer(
            number: raw.number(start + AnswerLayout.number), outcome: outcome,
            events: raw.number(start + AnswerLayout.events),
            version: StreamVersion(raw.number(start + AnswerLayout.version)),
            partition: PartitionID(raw.number(start + AnswerLayout.partition)),
            position: Position(raw.number(start + AnswerLayout.position)),
            correlationID: correlation == 0 ? nil : CorrelationID(bits: correlation), code: code, reason: reason,
            next: next, route: hasRoute ? .init(epoch: epoch, endpoint: endpoint ?? "") : nil)
    }

    private static func text(
        _ raw: UnsafeRawBufferPointer, _ offset: inout Int, _ count: Int
    ) throws(CommandRefusal) -> String? {
        defer { offset += count }
        guard count > 0 else { return nil }
        guard let text = raw.text(offset, count) else { throw .malformed }
        return text
    }
}
