/// Where the parts of one encoded command lie: all inside the body, that much is certain.
struct RequestRecord {
    /// A rule that a field breaks.
    struct Problem: Error {
        let reason: String
        init(_ reason: String) { self.reason = reason }
    }

    private let start: Int
    private let stream: Int
    private let name: Int
    private let commandID: Int
    private let traceparent: Int
    private let payload: Int
    let end: Int

    init(_ raw: UnsafeRawBufferPointer, at start: Int) throws(CommandRefusal) {
        guard raw.count - start >= RequestLayout.headBytes else { throw .malformed }
        self.start = start
        stream = start + RequestLayout.headBytes
        name = stream + Int(raw.number(start + RequestLayout.streamBytes, as: UInt16.self))
        commandID = name + Int(raw.number(start + RequestLayout.nameBytes, as: UInt16.self))
        traceparent = commandID + Int(raw.number(start + RequestLayout.commandIDBytes, as: UInt16.self))
        payload = traceparent + Int(raw.number(start + RequestLayout.traceparentBytes, as: UInt16.self))
        end = payload + Int(raw.number(start + RequestLayout.payloadBytes, as: UInt32.self))
        guard end <= raw.count, raw.number(start) == UInt32(end - start) else { throw .malformed }
    }

    func request(_ raw: UnsafeRawBufferPointer, _ body: SharedBytes) -> Result<CommandRequest, Problem> {
        do throws(Problem) {
            let request = try checked(raw, body)
            return .success(request)
        } catch {
            return .failure(error)
        }
    }

    private func checked(_ raw: UnsafeRawBufferPointer, _ body: SharedBytes) throws(Problem) -> CommandRequest {
        guard StreamName.isValid(raw.part(stream, name - stream)), let streamText = raw.text(stream, name - stream)
        else { throw Problem("the stream name is not valid; write category/id, as in order/17") }
        guard (1...CommandLayout.nameBytesMax).contains(commandID - name),
            let nameText = raw.text(name, commandID - name)
        else { throw Problem("the command's name is missing, too long or no UTF-8") }
        guard (1...CommandID.bytesMax).contains(traceparent - commandID),
            let idText = raw.text(commandID, traceparent - commandID)
        else { throw Problem("the command ID is missing, too long or no UTF-8") }
        guard payload - traceparent <= CommandLayout.traceparentBytesMax,
            let traceText = raw.text(traceparent, payload - traceparent)
        else { throw Problem("the traceparent is too long or no UTF-8") }
        guard end - payload <= CommandLayout.payloadBytesMax else {
            throw Problem("the payload has \(end - payload) bytes, \(CommandLayout.payloadBytesMax) are allowed")
        }
        let deadline = Timestamp(nanoseconds: raw.number(start + RequestLayout.deadline))
        guard deadline.nanoseconds >= 0 else { throw Problem("the deadline is before 1970") }
        let correlation = raw.bits(start + RequestLayout.correlationID)
        let causation = raw.bits(start + RequestLayout.causationID)
        let hasOccurred = raw[start + RequestLayout.flags] & 1 != 0
        return CommandRequest(
            number: number(raw), partition: partition(raw),
            epoch: Epoch(raw.number(start + RequestLayout.epoch)),
            deadline: deadline, stream: StreamName(unchecked: streamText), command: nameText,
            commandID: CommandID(unchecked: idText),
            expected: try expected(raw), correlationID: correlation == 0 ? nil : CorrelationID(bits: correlation),
            causationID: causation == 0 ? nil : EventID(bits: causation),
            depth: raw.number(start + RequestLayout.depth), traceparent: traceText.isEmpty ? nil : traceText,
            occurred: hasOccurred ? Timestamp(nanoseconds: raw.number(start + RequestLayout.occurred)) : nil,
            payload: Bytes(body, offset: payload, count: end - payload))
    }

    /// The answer to a command that breaks a rule.
    func refusal(_ raw: UnsafeRawBufferPointer, _ problem: Problem) -> CommandAnswer {
        CommandAnswer(
            number: number(raw), outcome: .rejected, partition: partition(raw), code: "malformedCommand",
            reason: problem.reason, next: "Correct the command and send it under a new ID.")
    }

    private func number(_ raw: UnsafeRawBufferPointer) -> UInt64 { raw.number(start + RequestLayout.number) }

    private func partition(_ raw: UnsafeRawBufferPointer) -> PartitionID {
        PartitionID(raw.number(start + RequestLayout.partition))
    }

    private func expected(_ raw: UnsafeRawBufferPointer) throws(Problem) -> ExpectedVersion {
        switch raw[start + RequestLayout.expected] {
        case 0: return .any
        case 1: return .noStream
        case 2: return .exactly(StreamVersion(raw.number(start + RequestLayout.version)))
        default: throw Problem("the expected version is of an unknown kind")
        }
    }
}
