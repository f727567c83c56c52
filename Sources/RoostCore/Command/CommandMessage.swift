/// One message of the command protocol.
package enum CommandMessage: Sendable {
    /// Commands, and the answers to those whose fields break a rule (they go back without being handed on).
    case commands([CommandRequest], invalid: [CommandAnswer])
    case answers([CommandAnswer])
    /// How many commands the receiver may have in flight at the sender.
    case credit(UInt32)
    /// Nothing that the receiver sent was executed, for this reason.
    case refused(CommandRefusal)
}

/// Why a message of the command protocol changes no state. Each reason is counted on its own.
package enum CommandRefusal: UInt32, Error, Hashable, Sendable, CaseIterable {
    /// Not two frames of the right shape, or lengths that contradict each other.
    case malformed = 1
    /// A body over the limit.
    case oversized = 2
    /// Damaged on the way.
    case badChecksum = 3
    /// Another protocol version: run the same version of Roost on both sides.
    case unknownVersion = 4
    /// From a cluster with another log.
    case foreignLog = 5
}
