package import RoostCore
package import RoostLog
package import RoostNode
package import RoostTrace

/// One cluster seen from outside: sends commands to the owners of partitions and reads everything else from disk.
///
/// It never writes to the log or to a projection, so any number of clients may look at a running cluster. The command
/// line and the HTTP gateway are both made of it.
package struct ClusterClient: Sendable {
    /// The name of the cluster.
    package let name: String
    package let domain: Domain
    /// What the events of the log become before the domain sees them.
    package let upcasters: UpcasterChain
    /// Opens personal data; nil leaves it sealed.
    package let keys: (any PersonalKeys)?
    package let log: any EventLog
    package let databases: ReaderDatabases
    package let sender: any CommandSender
    package let now: @Sendable () -> Timestamp
    /// The processes that do not run and will not by themselves: `failed` or `stopped`, by name.
    package let resting: @Sendable () throws -> [String: String]

    package init(
        name: String, domain: Domain, log: any EventLog, databases: ReaderDatabases, sender: any CommandSender,
        keys: (any PersonalKeys)? = nil, now: @escaping @Sendable () -> Timestamp,
        resting: @escaping @Sendable () throws -> [String: String]
    ) throws {
        self.name = name
        self.domain = domain
        upcasters = try UpcasterChain(domain)
        self.keys = keys
        self.log = log
        self.databases = databases
        self.sender = sender
        self.now = now
        self.resting = resting
    }

    /// Reads what the log holds as the domain knows it.
    package var codec: PayloadCodec { .json(upcasters, keys: keys) }

    package var partitions: [PartitionID] { log.identity.placement.partitions }

    /// The newest position of every partition.
    package func heads() throws -> [PartitionID: Position] {
        var heads: [PartitionID: Position] = [:]
        for partition in partitions { heads[partition] = try log.reader(partition).head().position }
        return heads
    }

    /// The types of stored events that a reader with these routes does not filter.
    func storedTypes(_ routes: [some EventRoute]) -> Set<String> {
        upcasters.storedTypes(becoming: Set(routes.map(\.type)))
    }

    /// Every projection, reactor and feed of the domain with its checkpoints.
    package func readers() throws -> [TraceReader] {
        let projections = try domain.projections.map { projection in
            TraceReader(
                name: projection.name, types: storedTypes(projection.routes),
                checkpoints: try databases.progress(ofProjection: projection.name)?.mapValues(\.position) ?? [:])
        }
        let reactors = try domain.reactors.map { reactor in
            TraceReader(
                name: reactor.name, types: storedTypes(reactor.routes),
                checkpoints: try databases.reactor(reactor.name).progress()?.mapValues(\.position) ?? [:])
        }
        let feeds = try domain.feeds.map { feed in
            TraceReader(
                name: feed.name, types: storedTypes(feed.routes),
                checkpoints: try databases.progress(ofFeed: feed.name)?.mapValues(\.position) ?? [:])
        }
        return reactors + projections + feeds
    }
}
