public import RoostCore

extension RecordedEvent {
    /// Decides which of two events wins where events of several partitions write the same row: the later occurred
    /// time, then the larger event ID, then the later part. Total, and the same for every interleaving.
    ///
    /// Store it in a column and let the database compare:
    ///
    ///     INSERT INTO products(sku, description, written) VALUES(?, ?, ?) ON CONFLICT(sku) DO UPDATE
    ///     SET description = excluded.description, written = excluded.written WHERE excluded.written > written
    public var writeOrder: SQLValue {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(26)
        let time = UInt64(bitPattern: occurred.nanoseconds) ^ (1 << 63)
        let bits = eventID.bits
        for word in [time, UInt64(truncatingIfNeeded: bits >> 64), UInt64(truncatingIfNeeded: bits)] {
            withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) }
        }
        // A longer text of bytes comes after its own beginning.
        if part > 0 { withUnsafeBytes(of: part.bigEndian) { bytes.append(contentsOf: $0) } }
        return .blob(bytes)
    }
}
