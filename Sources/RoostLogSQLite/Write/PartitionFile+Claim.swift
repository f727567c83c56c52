import RoostCore
import RoostLog

extension PartitionFile {
    /// How long a claim waits for the transaction of the owner it replaces.
    private static let claimWaitMilliseconds: Int32 = 2000

    /// Writes the claim, durably, and only then recovers what appending needs.
    func claim(_ claim: Claim) throws(EventLogError) -> SQLiteWriter {
        try recoverIfSuspect()
        try checkExists()
        let connection: Connection
        do { connection = try Connection(path: path, isReadOnly: false) } catch { throw error.whileReading(path) }
        try checkIdentity(connection)
        let epoch: Epoch
        do {
            try prepareForWriting(connection)
            epoch = try insert(claim, connection)
            try connection.leaveOrderToSQLite()
        } catch {
            throw error.whileWriting(path)
        }
        return try SQLiteWriter(self, epoch: epoch, connection)
    }

    private func prepareForWriting(_ connection: Connection) throws(SQLiteFailure) {
        try connection.execute("PRAGMA synchronous = \(Mutant.acknowledgeBeforeSync.isPlanted ? "OFF" : "FULL")")
        try connection.execute("PRAGMA wal_autocheckpoint = 0")
        try connection.execute("PRAGMA cache_size = -4096")
        connection.keepSideFiles()
    }

    private func insert(_ claim: Claim, _ connection: Connection) throws(SQLiteFailure) -> Epoch {
        connection.waitForLocks(milliseconds: Self.claimWaitMilliseconds)
        defer { connection.waitForLocks(milliseconds: 0) }
        try connection.execute("BEGIN IMMEDIATE")
        let epoch = Epoch(try connection.number("SELECT max(epoch) FROM claims") ?? 0).next
        let insert = try connection.prepare("INSERT INTO claims VALUES (?,?,?,?,?,?)")
        insert.bind(1, epoch.rawValue)
        insert.bind(2, claim.process)
        insert.bind(3, bigEndianBytes(claim.incarnation.bits))
        insert.bind(4, claim.commandEndpoint)
        insert.bind(5, claim.publishEndpoint)
        insert.bind(6, claim.claimedAt.nanoseconds)
        try insert.run()
        try connection.execute("COMMIT")
        return epoch
    }
}
