public import Logging
public import RoostCluster
package import RoostCore
package import RoostLog
import RoostLogSQLite
public import RoostNode
package import RoostVault

/// What a process of a cluster starts with.
public struct ProcessSetting: Sendable {
    /// The name of the instance, as in `orders-0`.
    public let name: String
    /// What it was given besides, for one task.
    public let arguments: [String]
    /// Where the cluster lives.
    public let directory: ClusterDirectory
    /// The topology that the cluster was started with, as its directory holds it.
    public let topology: Topology
    /// The application that the process runs a part of.
    public let domain: Domain
    /// Tells the supervisor how the process is doing.
    public let reporter: StatusReporter
    /// Writes to the standard error, which is the log file of the process.
    public let logger: Logger
    /// Fires when the process shall stop.
    public let stop: StopSignal
    /// What the supervisor tells the process while it runs.
    package let orders = ProcessOrders()
    package let log: any EventLog
    /// Reads what the log holds, in whatever version it was stored.
    package let codec: PayloadCodec
    /// The keys for personal data.
    package let vault: Vault
    package let addresses: ClusterAddresses

    package init(
        instance: String, arguments: [String] = [], directory: ClusterDirectory, domain: Domain,
        reporter: StatusReporter, logger: Logger
    ) throws {
        name = instance
        self.arguments = arguments
        self.directory = directory
        self.domain = domain
        self.reporter = reporter
        self.logger = logger
        stop = StopSignal()
        topology = try Topology.load(file: directory.topologyFile)
        vault = try Vault(VaultFiles(directory: directory.vault))
        codec = .json(try UpcasterChain(domain), keys: vault)
        addresses = try ClusterAddresses(directory, topology)
        log = try SQLiteLog.open(at: directory.log)
    }

    /// Where spans are collected; nil where the topology has nobody for it.
    package func spanCollector() throws -> String? {
        let collector = topology.instances.first { $0.role == .projection && $0.name == TopologyProcess.traces }
        return try collector.map { try addresses.address(of: $0.name, .spans) }
    }

    /// Where the owners of partitions publish: known from the topology, before they start.
    package func publishers() throws -> [String] {
        try topology.instances.filter { $0.role == .aggregate }.map { try addresses.address(of: $0.name, .events) }
    }

    package var projectionFiles: ProjectionFiles { projectionFiles(of: name) }

    package func projectionFiles(of projection: String) -> ProjectionFiles {
        ProjectionFiles(directory: directory.projection(projection))
    }

    /// How a projection deals with what it cannot apply, by the topology; what it parks is said in the log.
    package func parking(of projection: String, _ clock: ThreadClock) -> ParkingSettings {
        var settings = ParkingSettings()
        let policy = topology.instance(named: projection)?.process.parking ?? ParkingPolicy()
        settings.streamsMax = policy.streams
        settings.crashesMax = UInt64(policy.crashes)
        settings.now = { clock.now }
        settings.onParked = { [logger] event in
            logger.warning(
                "an event is parked, and with it its stream",
                metadata: [
                    LogKey.partition.rawValue: "\(event.partition)", LogKey.position.rawValue: "\(event.position)",
                    LogKey.stream.rawValue: "\(event.stream)", LogKey.reason.rawValue: "\(event.reason)",
                    LogKey.correlation.rawValue: "\(event.correlationID.map { "\($0)" } ?? "-")",
                ])
        }
        return settings
    }

    package func readers() throws -> [any PartitionReader] {
        try log.identity.placement.partitions.map { try log.reader($0) }
    }

    /// The newest claim of each partition, as a route for commands.
    package func routes() -> @Sendable (PartitionID) -> CommandAnswer.Route? {
        { [log] partition in
            do {
                guard let claim = try log.reader(partition).claim() else { return nil }
                return CommandAnswer.Route(epoch: claim.epoch, endpoint: claim.commandEndpoint)
            } catch {
                return nil
            }
        }
    }

    /// The projection of a name; a topology was checked against the application, so a missing one is another's file.
    package func projection(_ name: String) throws -> any Projection.Type {
        guard let projection = domain.allProjections.first(where: { $0.name == name }) else {
            throw ReaderFailure("this application has no projection '\(name)'; check the topology: roost check")
        }
        return projection
    }
}
