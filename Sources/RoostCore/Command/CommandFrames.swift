/// Command protocol version 1: messages as header and body frame, and back.
package enum CommandFrames {
    enum Kind: UInt8 {
        case commands = 1
        case answers = 2
        case credit = 3
        case refused = 4
    }

    /// Why a command cannot be sent at all; nil when it can.
    package static func problem(with request: CommandRequest) -> String? {
        if request.payload.count > CommandLayout.payloadBytesMax {
            return "the payload has \(request.payload.count) bytes, \(CommandLayout.payloadBytesMax) are allowed"
        }
        guard (1...CommandLayout.nameBytesMax).contains(request.command.utf8.count) else {
            return "a command's name has 1 to \(CommandLayout.nameBytesMax) bytes"
        }
        guard request.traceparent?.utf8.count ?? 0 <= CommandLayout.traceparentBytesMax else {
            return "a traceparent has at most \(CommandLayout.traceparentBytesMax) bytes"
        }
        return nil
    }

    /// Bytes that a command adds to a message.
    package static func byteCount(_ request: CommandRequest) -> Int {
        RequestLayout.headBytes + request.stream.description.utf8.count + request.command.utf8.count
            + request.commandID.description.utf8.count + (request.traceparent?.utf8.count ?? 0) + request.payload.count
    }

    /// One message, two frames. The caller keeps it under `splitBytes` unless it is a single command.
    package static func encode(_ requests: some Collection<CommandRequest>, logID: LogID) -> [Bytes] {
        let total = requests.reduce(0) { $0 + byteCount($1) }
        let body = SharedBytes(count: total) { bytes in
            var offset = 0
            for request in requests { put(request, bytes, at: &offset) }
        }
        return [header(.commands, count: requests.count, body: body, logID: logID), body.whole]
    }

    /// One message per 256 KiB, each with two frames.
    package static func encode(_ answers: [CommandAnswer], logID: LogID) -> [[Bytes]] {
        var messages: [[Bytes]] = []
        var rest = answers[...]
        while !rest.isEmpty {
            var total = 0
            let part = rest.prefix { answer in
                total += AnswerTexts.byteCount(answer)
                return total <= CommandLayout.splitBytes
            }
            messages.append(message(part, logID: logID))
            rest = rest[part.endIndex...]
        }
        return messages
    }

    package static func encode(credit: UInt32, logID: LogID) -> [Bytes] {
        let body = SharedBytes([UInt8]())
        return [header(.credit, count: 0, body: body, logID: logID, value: credit), body.whole]
    }

    package static func encode(refusal: CommandRefusal, logID: LogID) -> [Bytes] {
        let body = SharedBytes([UInt8]())
        return [header(.refused, count: 0, body: body, logID: logID, value: refusal.rawValue), body.whole]
    }

    private static func message(_ answers: ArraySlice<CommandAnswer>, logID: LogID) -> [Bytes] {
        let body = SharedBytes(count: answers.reduce(0) { $0 + AnswerTexts.byteCount($1) }) { bytes in
            var offset = 0
            for answer in answers { put(answer, bytes, at: &offset) }
        }
        return [header(.answers, count: answers.count, body: body, logID: logID), body.whole]
    }

    private static func header(
        _ kind: Kind, count: Int, body: SharedBytes, logID: LogID, value: UInt32 = 0
    ) -> Bytes {
        SharedBytes(count: CommandLayout.headerBytes) { header in
            header.put(CommandLayout.magic, 0)
            header.put(CommandLayout.protocolVersion, CommandLayout.version)
            header.put(kind.rawValue, CommandLayout.kind)
            header.put(UInt16(CommandLayout.headerBytes), CommandLayout.headerCount)
            header.put(UInt32(count), CommandLayout.count)
            header.put(UInt32(body.count), CommandLayout.bodyBytes)
            header.put(bits: logID.bits, CommandLayout.logID)
            header.put(value, CommandLayout.value)
            let sum = body.withUnsafeBytes { checksum(UnsafeRawBufferPointer(header), $0) }
            header.put(sum, CommandLayout.checksum)
        }.whole
    }

    static func checksum(_ header: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer) -> UInt32 {
        var sum = CRC32C()
        sum.update(header.part(0, CommandLayout.checksum))
        sum.update(body)
        return sum.value
    }
}
