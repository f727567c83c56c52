extension BusFrames {
    /// The message of these frames, or why it must be dropped. Its events share the body frame.
    ///
    /// What comes back is consistent in itself and belongs to `logID`; whether its epoch is still the newest is for
    /// the caller to judge.
    package static func decode(_ frames: [SharedBytes], logID: LogID) throws(BusRefusal) -> BusMessage {
        guard frames.count == 3 else { throw .malformed }
        let body = frames[2]
        guard body.count <= BusLayout.bodyBytesMax else { throw .oversized }
        let header = try frames[1].withUnsafeBytes { raw throws(BusRefusal) in try Header(raw, body) }
        guard header.logID == logID else { throw .foreignLog }
        let topic = try topic(frames[0], header.partition)
        let events = header.kind == .events ? try events(of: body, header) : .empty
        return BusMessage(
            kind: header.kind, topic: topic, logID: header.logID, partition: header.partition, epoch: header.epoch,
            first: header.first, newest: header.newest, events: events)
    }

    private struct Header {
        let kind: BusMessage.Kind
        let partition: PartitionID
        let count: Int
        let epoch: Epoch
        let first: Position
        let newest: Position
        let logID: LogID

        init(_ raw: UnsafeRawBufferPointer, _ body: SharedBytes) throws(BusRefusal) {
            guard raw.count >= 8, raw.number(0) == BusLayout.magic else { throw .malformed }
            guard raw[BusLayout.version] == BusLayout.protocolVersion else { throw .unknownVersion }
            guard raw.count == BusLayout.headerBytes, raw.number(BusLayout.headerCount) == UInt16(raw.count),
                raw.number(BusLayout.bodyBytes) == UInt32(body.count)
            else { throw .malformed }
            let sum = body.withUnsafeBytes { BusFrames.checksum(raw, $0) }
            guard raw.number(BusLayout.checksum) == sum else { throw .badChecksum }
            guard let kind = BusMessage.Kind(rawValue: raw[BusLayout.kind]) else { throw .malformed }
            self.kind = kind
            partition = PartitionID(raw.number(BusLayout.partition))
            count = Int(raw.number(BusLayout.count, as: UInt32.self))
            epoch = Epoch(raw.number(BusLayout.epoch))
            first = Position(raw.number(BusLayout.first))
            newest = Position(raw.number(BusLayout.newest))
            logID = LogID(bits: raw.bits(BusLayout.logID))
            guard isConsistent(bodyBytes: body.count) else { throw .malformed }
            guard count == 1 || body.count <= BusLayout.splitBytes else { throw .oversized }
        }

        private func isConsistent(bodyBytes: Int) -> Bool {
            // No log reaches it, and what is counted from it fits into signed numbers.
            guard newest.rawValue < UInt64(Int64.max) else { return false }
            return switch kind {
            case .heartbeat: count == 0 && bodyBytes == 0 && first == newest
            case .events:
                count > 0 && first > .start && first <= newest && newest.rawValue - first.rawValue >= UInt64(count - 1)
            }
        }
    }

    /// The topic must name the partition of the header: subscribers filter by it.
    private static func topic(_ frame: SharedBytes, _ partition: PartitionID) throws(BusRefusal) -> String {
        guard frame.count <= BusLayout.topicBytesMax,
            let topic = frame.withUnsafeBytes({ $0.text(0, $0.count) }),
            topic == BusMessage.topic(group: String(topic.dropLast(9)), partition: partition)
        else { throw .malformed }
        return topic
    }

    private static func events(of body: SharedBytes, _ header: Header) throws(BusRefusal) -> EventPage {
        let page: EventPage
        do throws(MalformedEvents) { page = try EventPage(parsing: body) } catch { throw .malformed }
        guard page.count == header.count else { throw .malformed }
        var position = header.first
        for event in page {
            guard event.position == position, event.epoch <= header.epoch, event.isWellFormed else { throw .malformed }
            position = position.next
        }
        return page
    }
}

extension RecordedEvent {
    /// Whether the texts of a record from outside obey the rules that the log enforces on its own.
    var isWellFormed: Bool {
        let stream = streamSlice
        let type = typeSlice
        let command = commandSlice
        guard (1...EventLimits.typeBytesMax).contains(type.count), version > .none,
            (1...CommandID.bytesMax).contains(command.count)
        else { return false }
        guard (stream.withUnsafeBytes { StreamName.isValid($0) }) else { return false }
        return type.isUTF8 && command.isUTF8
    }
}

extension Bytes {
    var isUTF8: Bool { withUnsafeBytes { $0.isASCII || String(validating: $0, as: UTF8.self) != nil } }
}

extension StreamName {
    /// The rule of `init(_:)` for bytes, without making a string.
    static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= bytesMax, let slash = bytes.firstIndex(of: UInt8(ascii: "/")),
            (1...categoryBytesMax).contains(slash), slash + 1 < bytes.count,
            isLowercase(bytes[0])
        else { return false }
        for byte in bytes[..<slash] where !isLowercase(byte) {
            let isDigit = byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
            guard isDigit || byte == UInt8(ascii: "-") else { return false }
        }
        for byte in bytes[slash...] where byte < 0x20 || byte == 0x7F { return false }
        return bytes.isASCII || String(validating: bytes, as: UTF8.self) != nil
    }

    @inline(__always)
    private static func isLowercase(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") }
}
