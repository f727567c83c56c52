extension CommandFrames {
    static func put(_ request: CommandRequest, _ bytes: UnsafeMutableRawBufferPointer, at offset: inout Int) {
        let stream = request.stream.description
        let commandID = request.commandID.description
        let (expected, version): (UInt8, UInt64) =
            switch request.expected {
            case .any: (0, 0)
            case .noStream: (1, 0)
            case .exactly(let version): (2, version.rawValue)
            }
        let start = offset
        bytes.put(UInt32(byteCount(request)), start)
        bytes.put(request.depth, start + RequestLayout.depth)
        bytes.put(UInt8(request.occurred == nil ? 0 : 1), start + RequestLayout.flags)
        bytes.put(expected, start + RequestLayout.expected)
        bytes.put(request.number, start + RequestLayout.number)
        bytes.put(request.epoch.rawValue, start + RequestLayout.epoch)
        bytes.put(request.deadline.nanoseconds, start + RequestLayout.deadline)
        bytes.put(version, start + RequestLayout.version)
        bytes.put(request.occurred?.nanoseconds ?? 0, start + RequestLayout.occurred)
        bytes.put(bits: request.correlationID?.bits ?? 0, start + RequestLayout.correlationID)
        bytes.put(bits: request.causationID?.bits ?? 0, start + RequestLayout.causationID)
        bytes.put(request.partition.rawValue, start + RequestLayout.partition)
        bytes.put(UInt16(stream.utf8.count), start + RequestLayout.streamBytes)
        bytes.put(UInt16(request.command.utf8.count), start + RequestLayout.nameBytes)
        bytes.put(UInt16(commandID.utf8.count), start + RequestLayout.commandIDBytes)
        bytes.put(UInt16(request.traceparent?.utf8.count ?? 0), start + RequestLayout.traceparentBytes)
        bytes.put(UInt32(request.payload.count), start + RequestLayout.payloadBytes)
        offset += RequestLayout.headBytes
        bytes.put(stream, at: &offset)
        bytes.put(request.command, at: &offset)
        bytes.put(commandID, at: &offset)
        if let traceparent = request.traceparent { bytes.put(traceparent, at: &offset) }
        request.payload.withUnsafeBytes { bytes.put($0, at: &offset) }
    }

    static func put(_ answer: CommandAnswer, _ bytes: UnsafeMutableRawBufferPointer, at offset: inout Int) {
        let start = offset
        let texts = AnswerTexts(answer)
        bytes.put(UInt32(texts.byteCount), start)
        bytes.put(answer.outcome.rawValue, start + AnswerLayout.outcome)
        bytes.put(UInt8(answer.route == nil ? 0 : 1), start + AnswerLayout.flags)
        bytes.put(UInt16(texts.code.utf8.count), start + AnswerLayout.codeBytes)
        bytes.put(answer.number, start + AnswerLayout.number)
        bytes.put(answer.version.rawValue, start + AnswerLayout.version)
        bytes.put(answer.position.rawValue, start + AnswerLayout.position)
        bytes.put(bits: answer.correlationID?.bits ?? 0, start + AnswerLayout.correlationID)
        bytes.put(answer.events, start + AnswerLayout.events)
        bytes.put(answer.partition.rawValue, start + AnswerLayout.partition)
        bytes.put(answer.route?.epoch.rawValue ?? 0, start + AnswerLayout.routeEpoch)
        bytes.put(UInt16(texts.reason.utf8.count), start + AnswerLayout.reasonBytes)
        bytes.put(UInt16(texts.next.utf8.count), start + AnswerLayout.nextBytes)
        bytes.put(UInt16(texts.endpoint.utf8.count), start + AnswerLayout.endpointBytes)
        bytes.put(UInt16(0), start + AnswerLayout.padding)
        offset += AnswerLayout.headBytes
        if answer.isPlain { return }
        bytes.put(texts.code, at: &offset)
        bytes.put(texts.reason, at: &offset)
        bytes.put(texts.next, at: &offset)
        bytes.put(texts.endpoint, at: &offset)
    }
}

/// The texts of an answer, cut to their limits. An absent one is empty.
struct AnswerTexts {
    let code: String
    let reason: String
    let next: String
    let endpoint: String

    init(_ answer: CommandAnswer) {
        code = Self.cut(answer.code, CommandLayout.nameBytesMax)
        reason = Self.cut(answer.reason, CommandLayout.textBytesMax)
        next = Self.cut(answer.next, CommandLayout.textBytesMax)
        endpoint = Self.cut(answer.route?.endpoint, CommandLayout.endpointBytesMax)
    }

    /// Bytes that `answer` adds to a message.
    static func byteCount(_ answer: CommandAnswer) -> Int {
        answer.isPlain ? AnswerLayout.headBytes : AnswerTexts(answer).byteCount
    }

    /// Bytes that the answer adds to a message.
    var byteCount: Int {
        AnswerLayout.headBytes + code.utf8.count + reason.utf8.count + next.utf8.count + endpoint.utf8.count
    }

    private static func cut(_ text: String?, _ bytesMax: Int) -> String {
        guard let text else { return "" }
        guard text.utf8.count > bytesMax else { return text }
        let end = text.utf8.index(text.utf8.startIndex, offsetBy: bytesMax)
        return String(text[..<end.samePosition(in: text.unicodeScalars, before: text)])
    }
}

extension String.Index {
    /// This place, or the nearest one before it that is no longer inside a character's bytes.
    fileprivate func samePosition(in scalars: String.UnicodeScalarView, before text: String) -> String.Index {
        var index = self
        while String.Index(index, within: scalars) == nil { index = text.utf8.index(before: index) }
        return index
    }
}
