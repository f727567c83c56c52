/// Some events of one partition in the order of their positions: a page of the log, or the body of a bus message.
public struct EventPage: Sendable, RandomAccessCollection {
    /// The canonical bytes that all events of the page share.
    public let bytes: SharedBytes
    private let offsets: [Int]

    /// No events.
    public static let empty = EventPage(checked: SharedBytes([UInt8]()), offsets: [])

    package init(checked bytes: SharedBytes, offsets: [Int]) {
        self.bytes = bytes
        self.offsets = offsets
    }

    /// Checks every length against the rest before use. Throws what is wrong, and where, for bytes from outside.
    public init(parsing bytes: SharedBytes, from start: Int = 0) throws(MalformedEvents) {
        var offsets: [Int] = []
        var offset = start
        while offset < bytes.count {
            let count = try Self.recordBytes(bytes, at: offset)
            offsets.append(offset)
            offset += count
        }
        self.init(checked: bytes, offsets: offsets)
    }

    /// Always 0.
    public var startIndex: Int { 0 }
    /// The number of events.
    public var endIndex: Int { offsets.count }
    /// Copies nothing. Traps outside the page.
    public subscript(index: Int) -> RecordedEvent { RecordedEvent(checked: bytes, offset: offsets[index]) }

    private static func recordBytes(_ bytes: SharedBytes, at offset: Int) throws(MalformedEvents) -> Int {
        let rest = bytes.count - offset
        guard rest >= EventLayout.headBytes else { throw MalformedEvents(offset: offset, "shorter than a head") }
        let event = RecordedEvent(checked: bytes, offset: offset)
        let (count, parts) = bytes.withUnsafeBytes { raw in
            let fields = [
                EventLayout.streamBytes, EventLayout.typeBytes, EventLayout.commandBytes,
                EventLayout.traceparentBytes, EventLayout.subjectBytes,
            ]
            let parts = fields.reduce(EventLayout.headBytes) {
                $0 + Int(UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: offset + $1, as: UInt16.self)))
            }
            return (event.byteCount, parts)
        }
        guard count >= parts, count <= rest else { throw MalformedEvents(offset: offset, "lengths do not fit") }
        guard count - parts <= EventLayout.payloadBytesMax else {
            throw MalformedEvents(offset: offset, "payload over 1 MiB")
        }
        return count
    }
}

/// Bytes that are no events: says where and why. Never contains a payload.
public struct MalformedEvents: Error, Sendable, CustomStringConvertible {
    /// Where the malformed record starts, in bytes from the beginning.
    public let offset: Int
    /// What is wrong with the record, without its content.
    public let reason: String
    /// `offset` is where the record starts; the reason must not quote what it holds.
    public init(offset: Int, _ reason: String) {
        self.offset = offset
        self.reason = reason
    }
    /// Where and why, in one line.
    public var description: String { "malformed event at byte \(offset): \(reason)" }
}
