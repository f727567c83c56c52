import RoostCluster
import RoostCore
import RoostLog
import RoostLogSQLite
import RoostNode
import RoostVault

/// What a supervisor of this application needs.
enum SupervisorSetup {
    static func configuration(_ directory: ClusterDirectory, _ topology: Topology) -> Supervisor.Configuration {
        Supervisor.Configuration(directory: directory, topology: topology) { () throws(ClusterError) in
            try prepareLog(directory, topology.placement)
        }
    }

    /// Makes the log, or opens it and checks that it is placed as the topology says. Returns its ID.
    private static func prepareLog(_ directory: ClusterDirectory, _ placement: Placement) throws(ClusterError) -> String
    {
        let log: SQLiteLog
        do throws(EventLogError) {
            log = try makeOrOpen(directory, placement)
        } catch {
            let isMismatch = error.code == .mismatch
            throw ClusterError(
                isMismatch ? .topologyInvalid : .failed, error.description,
                next: isMismatch
                    ? "roost up FILE --fresh, which moves the old data aside, or --cluster with another name"
                    : "roost doctor, roost log verify")
        }
        try checkSchema(of: log)
        try prepareVault(directory)
        return log.identity.id.description
    }

    /// Makes the keys for personal data, or checks that those that are there can be used.
    private static func prepareVault(_ directory: ClusterDirectory) throws(ClusterError) {
        do {
            try VaultFiles(directory: directory.vault, mark: directory.vaultMark).prepare()
        } catch let error as VaultError {
            throw ClusterError(.failed, error.message, next: error.next)
        } catch {
            throw ClusterError(.failed, "the keys for personal data cannot be opened: \(error)", next: "roost doctor")
        }
    }

    /// Nothing starts on events that the application cannot read. A partition that cannot be looked at now says so itself.
    private static func checkSchema(of log: SQLiteLog) throws(ClusterError) {
        do {
            let upcasters = try UpcasterChain(CommandLineRunner.domain)
            for partition in log.identity.placement.partitions {
                do {
                    try SchemaCheck.admit(log.reader(partition), upcasters)
                } catch is EventLogError {
                    continue
                }
            }
        } catch {
            throw ClusterError(.schemaStranded, "\(error)")
        }
    }

    private static func makeOrOpen(
        _ directory: ClusterDirectory, _ placement: Placement
    ) throws(EventLogError) -> SQLiteLog {
        do throws(EventLogError) {
            return try SQLiteLog.open(at: directory.log, placing: placement)
        } catch  where error.code == .missing && FileContents.isEmptyDirectory(directory.log) {
            var ids = UniqueIDs(random: SystemRandomNumberGenerator())
            return try SQLiteLog.create(
                at: directory.log, identity: LogIdentity(id: ids.next(at: .system), placement: placement))
        }
    }
}
