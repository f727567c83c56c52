package import RoostCore
package import RoostLog

/// A log of which one partition cannot be read.
package struct HalfReadableLog: EventLog {
    private let whole: any EventLog
    private let broken: PartitionID

    package init(whole: any EventLog, broken: PartitionID) {
        self.whole = whole
        self.broken = broken
    }

    package var identity: LogIdentity { whole.identity }

    package func claim(_ partition: PartitionID, _ claim: Claim) async throws(EventLogError) -> any PartitionWriter {
        try await whole.claim(partition, claim)
    }

    package func reader(_ partition: PartitionID) throws(EventLogError) -> any PartitionReader {
        guard partition != broken else { throw EventLogError(.corrupt, "a page of it is damaged") }
        return try whole.reader(partition)
    }
}
