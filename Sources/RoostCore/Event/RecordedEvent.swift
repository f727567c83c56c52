/// An event as the log stores it: immutable, complete, and cheap to pass on.
///
/// It refers to canonical bytes that a whole page or bus message shares; fields are read when they are asked for.
public struct RecordedEvent: Sendable {
    /// The canonical bytes of this event and its neighbours.
    public let bytes: SharedBytes
    private let offset: Int
    /// 0 for an event as it is stored. Where an upcaster makes several events of a stored one, they are numbered from 0:
    /// the event ID and the part are then the identity.
    public let part: UInt16

    /// `offset` must be the start of a record that `EventPage` has checked.
    package init(checked bytes: SharedBytes, offset: Int, part: UInt16 = 0) {
        self.bytes = bytes
        self.offset = offset
        self.part = part
    }

    @inline(__always)
    private func number<Value: FixedWidthInteger>(_ field: Int, as type: Value.Type = Value.self) -> Value {
        bytes.withUnsafeBytes {
            Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset &+ field, as: Value.self))
        }
    }

    @inline(__always)
    private func bits(_ field: Int) -> UInt128 {
        bytes.withUnsafeBytes {
            let high = UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: offset &+ field, as: UInt64.self))
            let low = UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: offset &+ field &+ 8, as: UInt64.self))
            return UInt128(high) << 64 | UInt128(low)
        }
    }

    @inline(__always)
    private func slice(_ start: Int, _ count: Int) -> Bytes { Bytes(bytes, offset: offset &+ start, count: count) }

    private var streamCount: Int { Int(number(EventLayout.streamBytes, as: UInt16.self)) }
    private var typeCount: Int { Int(number(EventLayout.typeBytes, as: UInt16.self)) }
    private var commandCount: Int { Int(number(EventLayout.commandBytes, as: UInt16.self)) }
    private var traceparentCount: Int { Int(number(EventLayout.traceparentBytes, as: UInt16.self)) }
    private var subjectCount: Int { Int(number(EventLayout.subjectBytes, as: UInt16.self)) }
    private var typeStart: Int { EventLayout.headBytes + streamCount }
    private var commandStart: Int { typeStart + typeCount }
    private var traceparentStart: Int { commandStart + commandCount }
    private var subjectStart: Int { traceparentStart + traceparentCount }
    private var payloadStart: Int { subjectStart + subjectCount }

    /// Bytes of the whole record.
    package var byteCount: Int { Int(number(0, as: UInt32.self)) }
    /// The canonical bytes of this event alone.
    public var canonicalBytes: Bytes { slice(0, byteCount) }

    /// Unique for ever, given before the event was stored.
    public var eventID: EventID { EventID(bits: bits(EventLayout.eventID)) }
    /// Makes a text at every call: keep it when it is needed twice.
    public var stream: StreamName { StreamName(unchecked: slice(EventLayout.headBytes, streamCount).text) }
    /// The event's number in its stream, from 1.
    public var version: StreamVersion { StreamVersion(number(EventLayout.version)) }
    /// The event's number in its partition, from 1.
    public var position: Position { Position(number(EventLayout.position)) }
    /// The ownership under which the event was stored.
    public var epoch: Epoch { Epoch(number(EventLayout.epoch)) }
    /// The declared name of the type, which is a storage format and not the Swift name.
    public var type: String { typeSlice.text }
    /// From 1; raised when the shape of the payload changes.
    public var schemaVersion: UInt32 { number(EventLayout.schemaVersion) }
    /// The same for every event of a chain.
    public var correlationID: CorrelationID { CorrelationID(bits: bits(EventLayout.correlationID)) }
    /// The event whose handling issued the command that produced this one; nil for the root of a chain.
    public var causationID: EventID? {
        let bits = bits(EventLayout.causationID)
        return bits == 0 ? nil : EventID(bits: bits)
    }
    /// The command that produced the event; all events of one command share it.
    public var commandID: CommandID { CommandID(unchecked: slice(commandStart, commandCount).text) }
    /// Tells commands with the same ID but other content apart.
    public var fingerprint: UInt64 { number(EventLayout.fingerprint) }
    /// Steps from the root of the chain, which has depth 0.
    public var depth: UInt16 { number(EventLayout.depth) }
    /// W3C trace context of the caller, if it gave one.
    public var traceparent: String? { traceparentCount == 0 ? nil : slice(traceparentStart, traceparentCount).text }
    /// Whose personal data the payload holds, for erasure.
    public var subject: String? { subjectCount == 0 ? nil : slice(subjectStart, subjectCount).text }
    /// Whether there is one, without making a text.
    package var hasSubject: Bool { subjectCount != 0 }
    /// When the log stored the event: never decreases within a partition.
    public var recorded: Timestamp { Timestamp(nanoseconds: number(EventLayout.recorded)) }
    /// When it happened in the world, as far as the caller knows.
    public var occurred: Timestamp { Timestamp(nanoseconds: number(EventLayout.occurred)) }
    /// Bit field of the record; bit 0 says the chain is imported.
    package var flags: UInt16 { number(EventLayout.flags) }
    /// What the payload is; 0 for JSON.
    package var contentType: UInt16 { number(EventLayout.contentType) }
    /// The chain was imported: its follow-ups inherit the occurred time.
    public var isImported: Bool { flags & EventLayout.importedFlag != 0 }
    /// The payload: JSON in this version.
    public var payload: Bytes { slice(payloadStart, byteCount - payloadStart) }
    /// The bytes of `type`, for routing without making a string.
    package var typeSlice: Bytes { slice(typeStart, typeCount) }
    package var streamSlice: Bytes { slice(EventLayout.headBytes, streamCount) }
    package var commandSlice: Bytes { slice(commandStart, commandCount) }
}
