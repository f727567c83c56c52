/// The header frame of a bus message, protocol version 1. Numbers are little-endian.
///
///     offset size field
///          0    4 magic "RST1"
///          4    1 protocol version: 1
///          5    1 kind: 1 events, 2 heartbeat
///          6    2 bytes of this header: 64
///          8    4 partition
///         12    4 count of events in the body
///         16    8 epoch of the sender
///         24    8 position of the first event; of a heartbeat: the newest position
///         32    8 newest position when the message was sent
///         40   16 log ID, big-endian
///         56    4 bytes of the body
///         60    4 CRC-32C of the first 60 bytes of this header followed by the body
package enum BusLayout {
    package static let headerBytes = 64
    package static let magic: UInt32 = 0x3154_5352
    package static let protocolVersion: UInt8 = 1

    static let version = 4
    static let kind = 5
    static let headerCount = 6
    static let partition = 8
    static let count = 12
    static let epoch = 16
    static let first = 24
    static let newest = 32
    static let logID = 40
    static let bodyBytes = 56
    static let checksum = 60

    /// A body of more than one event is at most this long: a commit is split.
    package static let splitBytes = 256 << 10
    /// The longest body: one event with the largest payload and the longest texts.
    package static let bodyBytesMax = EventLayout.headBytes + EventLayout.payloadBytesMax + 5 * 65_535
    /// The longest topic: a group name, a dot and eight digits.
    package static let topicBytesMax = 64
}
