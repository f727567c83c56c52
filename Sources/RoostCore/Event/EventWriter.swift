/// What an event says before the log has given it a place.
public struct NewEvent: Sendable {
    /// Unique for ever; UUID version 7.
    public var eventID: EventID
    /// The declared name of the type, at most `EventLimits.typeBytesMax` bytes.
    public var type: String
    /// From 1; raised when the shape of the payload changes.
    public var schemaVersion: UInt32
    /// JSON in this version, at most `EventLimits.payloadBytesMax` bytes.
    public var payload: Bytes
    /// Whose personal data the payload holds; nil for none.
    public var subject: String?
    /// When it happened in the world, as far as the caller knows.
    public var occurred: Timestamp

    /// Checks nothing: the limits of an event are the caller's to keep.
    public init(
        eventID: EventID, type: String, schemaVersion: UInt32 = 1, payload: Bytes, subject: String? = nil,
        occurred: Timestamp
    ) {
        self.eventID = eventID
        self.type = type
        self.schemaVersion = schemaVersion
        self.payload = payload
        self.subject = subject
        self.occurred = occurred
    }
}

/// What all events of one command share.
public struct CommandContext: Sendable {
    /// The stream that the events are appended to.
    public var stream: StreamName
    /// Makes the events idempotent in their stream: stored before, they are not stored again.
    public var commandID: CommandID
    /// Covers the name and the data of the command: tells it apart from another with the same ID.
    public var fingerprint: UInt64
    /// The chain that the events belong to.
    public var correlationID: CorrelationID
    /// The event whose handling issued the command; nil for the root of a chain.
    public var causationID: EventID?
    /// Steps from the root of the chain, which has depth 0.
    public var depth: UInt16
    /// W3C trace context of the caller; nil for none.
    public var traceparent: String?
    /// The caller said when it happened: the whole chain keeps occurred times of its own.
    public var isImported: Bool

    /// Checks nothing: the limits of an event are the caller's to keep.
    public init(
        stream: StreamName, commandID: CommandID, fingerprint: UInt64, correlationID: CorrelationID,
        causationID: EventID? = nil, depth: UInt16 = 0, traceparent: String? = nil, isImported: Bool = false
    ) {
        self.stream = stream
        self.commandID = commandID
        self.fingerprint = fingerprint
        self.correlationID = correlationID
        self.causationID = causationID
        self.depth = depth
        self.traceparent = traceparent
        self.isImported = isImported
    }
}

/// Writes canonical bytes into one growing arena. One owner at a time; `finish` hands the arena over.
package struct EventWriter: ~Copyable {
    private var start: UnsafeMutableRawPointer
    private var capacity: Int
    /// Bytes written so far: the offset of the next record.
    package private(set) var count = 0

    package init(capacity: Int = 1 << 16) {
        self.capacity = capacity
        start = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit { start.deallocate() }

    /// Appends one record whose position, version, recorded time and epoch are still zero; returns its offset.
    package mutating func append(
        _ context: CommandContext, eventID: EventID, type: String, schemaVersion: UInt32, subject: String?,
        occurred: Timestamp, payload: UnsafeRawBufferPointer
    ) -> Int {
        let texts = (
            context.stream.description.utf8.count, type.utf8.count, context.commandID.description.utf8.count,
            context.traceparent?.utf8.count ?? 0, subject?.utf8.count ?? 0
        )
        let total = EventLayout.headBytes + texts.0 + texts.1 + texts.2 + texts.3 + texts.4 + payload.count
        reserve(total)
        let offset = count
        store(UInt32(total), 0)
        store(context.isImported ? EventLayout.importedFlag : 0, EventLayout.flags)
        store(context.depth, EventLayout.depth)
        store(UInt64(0), EventLayout.position)
        store(UInt64(0), EventLayout.version)
        store(Int64(0), EventLayout.recorded)
        store(occurred.nanoseconds, EventLayout.occurred)
        store(eventID.bits, EventLayout.eventID)
        store(context.correlationID.bits, EventLayout.correlationID)
        store(context.causationID?.bits ?? 0, EventLayout.causationID)
        store(context.fingerprint, EventLayout.fingerprint)
        store(schemaVersion, EventLayout.schemaVersion)
        store(UInt16(texts.0), EventLayout.streamBytes)
        store(UInt16(texts.1), EventLayout.typeBytes)
        store(UInt16(texts.2), EventLayout.commandBytes)
        store(UInt16(texts.3), EventLayout.traceparentBytes)
        store(UInt16(texts.4), EventLayout.subjectBytes)
        store(UInt16(0), EventLayout.contentType)
        store(UInt64(0), EventLayout.epoch)
        count += EventLayout.headBytes
        copy(context.stream.description)
        copy(type)
        copy(context.commandID.description)
        if let traceparent = context.traceparent { copy(traceparent) }
        if let subject { copy(subject) }
        if let base = payload.baseAddress { (start + count).copyMemory(from: base, byteCount: payload.count) }
        count += payload.count
        return offset
    }

    package mutating func append(_ context: CommandContext, _ event: NewEvent) -> Int {
        event.payload.withUnsafeBytes {
            append(
                context, eventID: event.eventID, type: event.type, schemaVersion: event.schemaVersion,
                subject: event.subject, occurred: event.occurred, payload: $0)
        }
    }

    /// Appends a record that is canonical already.
    package mutating func append(record: UnsafeRawBufferPointer) -> Int {
        reserve(record.count)
        let offset = count
        if let base = record.baseAddress { (start + count).copyMemory(from: base, byteCount: record.count) }
        count += record.count
        return offset
    }

    /// Appends the record that `raw` describes; its place is already known. Nothing checks that the parts are valid.
    package mutating func append(_ raw: RawEvent) -> Int {
        let total = EventLayout.headBytes + raw.textBytes + raw.payload.count
        reserve(total)
        let offset = count
        store(UInt32(total), 0)
        store(raw.flags, EventLayout.flags)
        store(raw.depth, EventLayout.depth)
        store(raw.position, EventLayout.position)
        store(raw.version, EventLayout.version)
        store(raw.recorded, EventLayout.recorded)
        store(raw.occurred, EventLayout.occurred)
        store(raw.eventID, EventLayout.eventID)
        store(raw.correlationID, EventLayout.correlationID)
        store(raw.causationID, EventLayout.causationID)
        store(raw.fingerprint, EventLayout.fingerprint)
        store(raw.schemaVersion, EventLayout.schemaVersion)
        store(UInt16(truncatingIfNeeded: raw.stream.count), EventLayout.streamBytes)
        store(UInt16(truncatingIfNeeded: raw.type.count), EventLayout.typeBytes)
        store(UInt16(truncatingIfNeeded: raw.command.count), EventLayout.commandBytes)
        store(UInt16(truncatingIfNeeded: raw.traceparent.count), EventLayout.traceparentBytes)
        store(UInt16(truncatingIfNeeded: raw.subject.count), EventLayout.subjectBytes)
        store(raw.contentType, EventLayout.contentType)
        store(raw.epoch, EventLayout.epoch)
        count += EventLayout.headBytes
        for part in [raw.stream, raw.type, raw.command, raw.traceparent, raw.subject, raw.payload] {
            if let base = part.baseAddress { (start + count).copyMemory(from: base, byteCount: part.count) }
            count += part.count
        }
        return offset
    }

    /// Bytes of the record at `offset`.
    package func recordBytes(at offset: Int) -> Int {
        Self.recordBytes(UnsafeRawBufferPointer(start: start, count: count), at: offset)
    }

    /// Bytes of the record that starts at `offset` of `bytes`.
    package static func recordBytes(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int {
        Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    }

    /// The correlation ID of the record at `offset`.
    package func correlationID(at offset: Int) -> CorrelationID {
        let field = start + offset + EventLayout.correlationID
        let high = UInt64(bigEndian: field.loadUnaligned(as: UInt64.self))
        let low = UInt64(bigEndian: field.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        return CorrelationID(bits: UInt128(high) << 64 | UInt128(low))
    }

    /// Gives the record at `offset` its place in the log.
    package mutating func place(
        at offset: Int, position: Position, version: StreamVersion, recorded: Timestamp, epoch: Epoch
    ) {
        let record = start + offset
        record.storeBytes(of: position.rawValue.littleEndian, toByteOffset: EventLayout.position, as: UInt64.self)
        record.storeBytes(of: version.rawValue.littleEndian, toByteOffset: EventLayout.version, as: UInt64.self)
        record.storeBytes(of: recorded.nanoseconds.littleEndian, toByteOffset: EventLayout.recorded, as: Int64.self)
        record.storeBytes(of: epoch.rawValue.littleEndian, toByteOffset: EventLayout.epoch, as: UInt64.self)
    }

    /// Forgets everything from `offset` on.
    package mutating func truncate(to offset: Int) { count = offset }

    /// The bytes written so far, valid only inside `body`.
    package func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// Hands the bytes over without copying and starts an empty arena.
    package mutating func finish() -> SharedBytes {
        nonisolated(unsafe) let owned = start
        let bytes = SharedBytes(adopting: start, count: count) { owned.deallocate() }
        start = .allocate(byteCount: capacity, alignment: 16)
        count = 0
        return bytes
    }

    private mutating func reserve(_ more: Int) {
        guard count + more > capacity else { return }
        capacity = max(capacity * 2, count + more)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        larger.copyMemory(from: start, byteCount: count)
        start.deallocate()
        start = larger
    }

    @inline(__always)
    private func store<Value: FixedWidthInteger>(_ value: Value, _ field: Int) {
        (start + count).storeBytes(of: value.littleEndian, toByteOffset: field, as: Value.self)
    }

    @inline(__always)
    private func store(_ bits: UInt128, _ field: Int) {
        (start + count).storeBytes(
            of: UInt64(truncatingIfNeeded: bits >> 64).bigEndian, toByteOffset: field, as: UInt64.self)
        (start + count).storeBytes(
            of: UInt64(truncatingIfNeeded: bits).bigEndian, toByteOffset: field + 8, as: UInt64.self)
    }

    @inline(__always)
    private mutating func copy(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            guard let base = utf8.baseAddress else { return }
            (start + count).copyMemory(from: base, byteCount: utf8.count)
        }
        count += text.utf8.count
    }
}
