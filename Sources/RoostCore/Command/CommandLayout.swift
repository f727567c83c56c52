/// The frames of the command protocol, version 1. Numbers are little-endian.
///
/// A message has two frames, header and body (a ROUTER sees the peer's identity before them). The header:
///
///     offset size field
///          0    4 magic "RSC1"
///          4    1 protocol version: 1
///          5    1 kind: 1 commands, 2 answers, 3 credit, 4 refused
///          6    2 bytes of this header: 40
///          8    4 count of records in the body
///         12    4 bytes of the body
///         16   16 log ID, big-endian
///         32    4 credit: commands the peer may have in flight; refused: the reason; else 0
///         36    4 CRC-32C of the first 36 bytes of this header followed by the body
package enum CommandLayout {
    package static let headerBytes = 40
    package static let magic: UInt32 = 0x3143_5352
    package static let protocolVersion: UInt8 = 1

    static let version = 4
    static let kind = 5
    static let headerCount = 6
    static let count = 8
    static let bodyBytes = 12
    static let logID = 16
    static let value = 32
    static let checksum = 36

    /// A message of more than one command or answer is at most this long.
    package static let splitBytes = 256 << 10
    /// The longest body that is read at all.
    package static let bodyBytesMax = 3 << 20
    /// What a peer may have in flight before it has been told its credit.
    package static let initialCredit: UInt32 = 256

    package static let payloadBytesMax = EventLimits.payloadBytesMax
    package static let nameBytesMax = 128
    package static let traceparentBytesMax = 256
    package static let endpointBytesMax = 256
    package static let textBytesMax = 4096
}

/// One command in the body. After the head come stream, command, command ID, traceparent and payload.
///
///     offset size field
///          0    4 bytes of the whole record
///          4    2 depth
///          6    1 flags; bit 0: occurred time is given
///          7    1 expected version: 0 any, 1 no stream, 2 exactly
///          8    8 number, chosen by the sender
///         16    8 epoch of the route the sender used, 0 for none
///         24    8 deadline, nanoseconds since 1970 in UTC, signed
///         32    8 the exactly expected version, else 0
///         40    8 occurred time, signed, else 0
///         48   16 correlation ID, big-endian, 0 for none
///         64   16 causation ID, big-endian, 0 for none
///         80    4 partition
///         84    2 bytes of the stream name
///         86    2 bytes of the command's name
///         88    2 bytes of the command ID
///         90    2 bytes of the traceparent, 0 for none
///         92    4 bytes of the payload
package enum RequestLayout {
    static let headBytes = 96
    static let depth = 4
    static let flags = 6
    static let expected = 7
    static let number = 8
    static let epoch = 16
    static let deadline = 24
    static let version = 32
    static let occurred = 40
    static let correlationID = 48
    static let causationID = 64
    static let partition = 80
    static let streamBytes = 84
    static let nameBytes = 86
    static let commandIDBytes = 88
    static let traceparentBytes = 90
    static let payloadBytes = 92
}

/// One answer in the body. After the head come code, reason, next and the endpoint of the route.
///
///     offset size field
///          0    4 bytes of the whole record
///          4    1 outcome: 1 accepted, 2 rejected, 3 conflict, 4 overloaded, 5 unavailable, 6 unknown, 7 moved
///          5    1 flags; bit 0: a route is given
///          6    2 bytes of the code, 0 for none
///          8    8 number of the command
///         16    8 version
///         24    8 position
///         32   16 correlation ID, big-endian, 0 for none
///         48    4 events
///         52    4 partition
///         56    8 epoch of the route, else 0
///         64    2 bytes of the reason, 0 for none
///         66    2 bytes of what to do next, 0 for none
///         68    2 bytes of the route's endpoint
///         70    2 zero
package enum AnswerLayout {
    static let headBytes = 72
    static let outcome = 4
    static let flags = 5
    static let codeBytes = 6
    static let number = 8
    static let version = 16
    static let position = 24
    static let correlationID = 32
    static let events = 48
    static let partition = 52
    static let routeEpoch = 56
    static let reasonBytes = 64
    static let nextBytes = 66
    static let endpointBytes = 68
    static let padding = 70
}
