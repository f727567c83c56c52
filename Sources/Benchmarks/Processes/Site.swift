import RoostCore
import RoostLog
import RoostLogSQLite

/// Where the processes of one measurement find each other.
struct Site {
    let directory: String

    var logPath: String { "\(directory)/log" }
    var commandEndpoint: String { "ipc://\(directory)/commands" }
    var publishEndpoint: String { "ipc://\(directory)/bus" }
    var projections: String { "\(directory)/projections" }
    /// The file of the first partition.
    var firstPartitionFile: String { "\(logPath)/partition-00000000.db" }

    static let logID = LogID(bits: 1)

    static func identity(partitions: UInt32) -> LogIdentity {
        let group = Placement.Group(
            name: "parcels", categories: [Parcel.category], firstPartition: PartitionID(0), partitionCount: partitions)
        return LogIdentity(id: logID, placement: Placement(groups: [group]))
    }

    func claim(_ process: String, at now: Timestamp) -> Claim {
        Claim(
            process: process, incarnation: Incarnation(bits: UInt128(now.nanoseconds)),
            commandEndpoint: commandEndpoint, publishEndpoint: publishEndpoint, claimedAt: now)
    }

    func createLog(partitions: UInt32) throws -> SQLiteLog {
        try SQLiteLog.create(at: logPath, identity: Self.identity(partitions: partitions))
    }
}
