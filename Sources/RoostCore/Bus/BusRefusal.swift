/// Why a message from the bus changes no state. Each reason is counted on its own.
public enum BusRefusal: String, Error, Hashable, Sendable, CaseIterable {
    /// Not three frames of the right shape, or fields that contradict each other.
    case malformed
    /// A body over the limit.
    case oversized
    /// Damaged on the way.
    case badChecksum
    /// A newer protocol: upgrade the reader.
    case unknownVersion
    /// From another log, as after an endpoint was used again.
    case foreignLog
    /// From a process that no longer owns the partition.
    case staleEpoch
}
