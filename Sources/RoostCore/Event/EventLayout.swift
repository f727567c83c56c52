/// The canonical bytes of an event, version 1. One encoding serves three purposes: it is what the digest of a commit
/// covers, what the body of a bus message concatenates, and what a page of the log holds in memory.
///
/// All numbers are little-endian. A fixed head of 120 bytes is followed by the stream name, the type, the command ID,
/// the traceparent, the subject and, to the end of the record, the payload.
///
///     offset size field
///          0    4 bytes of the whole record, head included
///          4    2 flags; bit 0: occurred time was given by the caller (an imported chain)
///          6    2 depth: steps from the root of the chain
///          8    8 position in the partition
///         16    8 version in the stream
///         24    8 recorded time, nanoseconds since 1970 in UTC, signed
///         32    8 occurred time, likewise
///         40   16 event ID, big-endian
///         56   16 correlation ID, big-endian
///         72   16 causation ID, big-endian; zero for the root of a chain
///         88    8 fingerprint of the command
///         96    4 schema version of the type
///        100    2 bytes of the stream name
///        102    2 bytes of the type
///        104    2 bytes of the command ID
///        106    2 bytes of the traceparent, 0 for none
///        108    2 bytes of the subject, 0 for none
///        110    2 content type of the payload, 0 for JSON
///        112    8 epoch of the commit
package enum EventLayout {
    package static let headBytes = 120
    package static let flags = 4
    package static let importedFlag: UInt16 = 1
    package static let depth = 6
    package static let position = 8
    package static let version = 16
    package static let recorded = 24
    package static let occurred = 32
    package static let eventID = 40
    package static let correlationID = 56
    package static let causationID = 72
    package static let fingerprint = 88
    package static let schemaVersion = 96
    package static let streamBytes = 100
    package static let typeBytes = 102
    package static let commandBytes = 104
    package static let traceparentBytes = 106
    package static let subjectBytes = 108
    package static let contentType = 110
    package static let epoch = 112

    /// A payload is at most 1 MiB.
    package static let payloadBytesMax = 1 << 20
}

/// Limits of an event that are checked before it is proposed.
public enum EventLimits {
    /// The largest payload of one event, in bytes.
    public static let payloadBytesMax = 1 << 20
    /// The most events one command may produce; they are never split across commits.
    public static let eventsPerCommandMax = 512
    /// The longest declared type name, in bytes.
    public static let typeBytesMax = 128
    /// The longest subject, in bytes: whose keys an event's personal data belongs to.
    public static let subjectBytesMax = 256
    /// The longest chain: a command deeper than this is refused as a runaway loop.
    public static let depthMax: UInt16 = 1000
}
