/// How a socket behaves at its limits. Nothing is left to libzmq's defaults.
package struct SocketOptions: Sendable {
    /// How long unsent messages outlive `close`.
    package var lingerMilliseconds: Int32 = 0
    /// Messages queued per peer before a send is refused (or, by PUB, dropped).
    package var sendHighWater: Int32 = 1000
    /// Messages queued per peer before reading from it stops (SUB: before messages are dropped).
    package var receiveHighWater: Int32 = 1000
    /// A peer that sends a larger frame is disconnected.
    package var messageBytesMax: Int64 = 4 << 20
    /// A ROUTER refuses a message for an unknown peer instead of dropping it unseen.
    package var isMandatory = true
    /// A message is queued only for a peer that is connected.
    package var isImmediate = true
    /// How soon a lost connection is tried again, at first and at most.
    package var reconnectMilliseconds: Int32 = 20
    package var reconnectMillisecondsMax: Int32 = 500
    package var security = SocketSecurity.none

    package init() {}
}
