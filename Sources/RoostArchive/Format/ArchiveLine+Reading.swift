package import RoostCore

extension ArchiveLine {
    /// Appends the canonical bytes of the event that a line holds, without its line feed, to `writer`. Returns where they
    /// start and where the event's stream stood before it; nil for a line that `write` has not written.
    package static func read(
        _ line: UnsafeRawBufferPointer, to writer: inout EventWriter
    ) -> (offset: Int, previous: Position)? {
        guard var scanner = LineScanner(line), scanner.skip("{") else { return nil }
        var columns = Columns()
        guard columns.read(&scanner), let payload = payload(&scanner) else { return nil }
        return columns.withRaw { raw in
            var raw = raw
            switch payload {
            case .verbatim(let bytes):
                raw.payload = bytes
                return (writer.append(raw), columns.previous)
            case .encoded(let bytes):
                return bytes.withUnsafeBytes {
                    raw.payload = $0
                    return (writer.append(raw), columns.previous)
                }
            }
        }
    }

    private enum Payload {
        case verbatim(UnsafeRawBufferPointer)
        case encoded([UInt8])
    }

    private static func payload(_ scanner: inout LineScanner) -> Payload? {
        if let text = scanner.text(encodedPayload) {
            guard let encoded = text?.string, let bytes = Base64.bytes(encoded),
                bytes.count <= EventLayout.payloadBytesMax, scanner.skip(payload), scanner.skip("null}")
            else { return nil }
            return .encoded(bytes)
        }
        guard scanner.skip(payload), let bytes = scanner.rest(), bytes.count <= EventLayout.payloadBytesMax else {
            return nil
        }
        return .verbatim(bytes)
    }
}

/// The columns of a line but the payload.
private struct Columns {
    private var raw = RawEvent()
    private(set) var previous = Position.start
    private var stream, type, command, traceparent, subject: LineText?

    /// False at the first one that is not as it must be.
    mutating func read(_ scanner: inout LineScanner) -> Bool {
        var names = ArchiveLine.names.makeIterator()
        func next() -> StaticString { names.next() ?? "" }
        guard let position: UInt64 = scanner.number(next()), scanner.text(next()) != nil,
            let stream = scanner.text(next()), let version: UInt64 = scanner.number(next()),
            let previous: UInt64 = scanner.number(next()), let epoch: UInt64 = scanner.number(next()),
            let type = scanner.text(next()), let schemaVersion: UInt32 = scanner.number(next()),
            let eventID = scanner.text(next())??.bits, let correlation = scanner.text(next())??.bits,
            let causation = scanner.text(next()), let command = scanner.text(next()),
            let fingerprint = scanner.text(next())??.number, let depth: UInt16 = scanner.number(next()),
            let flags: UInt16 = scanner.number(next()), let contentType: UInt16 = scanner.number(next()),
            let traceparent = scanner.text(next()), let subject = scanner.text(next()),
            let recorded = scanner.text(next())??.time, let occurred = scanner.text(next())??.time
        else { return false }
        (raw.position, raw.version, raw.epoch) = (position, version, epoch)
        (raw.schemaVersion, raw.fingerprint, raw.depth) = (schemaVersion, fingerprint, depth)
        (raw.flags, raw.contentType) = (flags, contentType)
        (raw.eventID, raw.correlationID) = (eventID, correlation)
        (raw.recorded, raw.occurred) = (recorded.nanoseconds, occurred.nanoseconds)
        (self.stream, self.type, self.command) = (stream, type, command)
        (self.traceparent, self.subject, self.previous) = (traceparent, subject, Position(previous))
        guard let causation else { return true }
        raw.causationID = causation.bits ?? 0
        return raw.causationID != 0
    }

    /// The event without its payload; nil when its texts do not fit into one.
    func withRaw<Result>(_ body: (RawEvent) -> Result) -> Result? {
        withBytes(of: [stream, type, command, traceparent, subject][...], []) { texts in
            var raw = raw
            (raw.stream, raw.type, raw.command) = (texts[0], texts[1], texts[2])
            (raw.traceparent, raw.subject) = (texts[3], texts[4])
            return raw.textBytes <= Int(UInt16.max) ? body(raw) : nil
        }
    }

    /// What stands in the line escaped is read out of the way first.
    private func withBytes<Result>(
        of texts: ArraySlice<LineText?>, _ found: [UnsafeRawBufferPointer],
        _ body: ([UnsafeRawBufferPointer]) -> Result
    ) -> Result {
        guard let text = texts.first else { return body(found) }
        guard let text else {
            return withBytes(of: texts.dropFirst(), found + [UnsafeRawBufferPointer(start: nil, count: 0)], body)
        }
        guard text.isEscaped else {
            return withBytes(of: texts.dropFirst(), found + [UnsafeRawBufferPointer(text.bytes)], body)
        }
        return Array(text.string.utf8).withUnsafeBytes { withBytes(of: texts.dropFirst(), found + [$0], body) }
    }
}
