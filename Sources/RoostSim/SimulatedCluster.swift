package import RoostCore
package import RoostLog
package import RoostNode

/// A whole cluster in one process: the unchanged actors of writers, reactors and projections on a log, a bus and a
/// network in memory, in an order and with faults drawn from a seed.
package final class SimulatedCluster {
    package struct Faults: Sendable {
        package var bus = SimulatedBus.Faults()
        /// Of 100 commands.
        package var lostCommandsPercent = 0
        package init() {}
    }

    package let simulation: Simulation
    package let log: MemoryLog
    private let node: SimulatedNode
    private let bus: SimulatedBus
    private let network: SimulatedNetwork
    private let domain: Domain
    private let codec: PayloadCodec
    private var projectors: [String: Projector] = [:]
    private var feeds: [Feed] = []
    private var readerStatus: [ReaderStatus] = []
    private var hosts: [PartitionHost] = []
    private var open = 0
    /// Answers in the order they arrived.
    package private(set) var answers: [CommandAnswer] = []
    /// What ended an actor that should have gone on; a test expects none.
    package private(set) var failures: [String] = []

    package init(seed: UInt64, domain: Domain, placement: Placement, codec: PayloadCodec, faults: Faults = Faults()) {
        simulation = Simulation(seed: seed)
        log = MemoryLog(identity: LogIdentity(id: LogID(bits: UInt128(seed) + 1), placement: placement))
        node = SimulatedNode(simulation)
        bus = SimulatedBus(simulation, faults: faults.bus)
        network = SimulatedNetwork(simulation, lostPercent: faults.lostCommandsPercent)
        self.domain = domain
        self.codec = codec
    }

    /// Starts every actor; call once.
    package func start() throws {
        let kinds = AggregateKind.byCategory(domain)
        for partition in log.identity.placement.partitions { startWriter(of: partition, kinds) }
        for projection in domain.projections { try startProjection(projection) }
        for reactor in domain.reactors { try startReactor(reactor) }
        startTicks()
    }

    /// Sends commands from outside, and again under the same ID until each has a certain answer.
    package func send(_ requests: [CommandRequest]) {
        open += requests.count
        spawn { cluster in
            var rest = requests
            while !rest.isEmpty {
                for index in rest.indices { rest[index].deadline = cluster.node.now + .seconds(1) }
                let answers = await cluster.network.send(rest)
                var unsettled: [CommandRequest] = []
                for (request, answer) in zip(rest, answers) {
                    if [.unknown, .overloaded, .unavailable].contains(answer.outcome) {
                        unsettled.append(request)
                    } else {
                        cluster.answers.append(answer)
                    }
                }
                cluster.open -= rest.count - unsettled.count
                rest = unsettled
            }
        }
    }

    /// Runs until every command is answered and every reader has passed everything; false when that never happens.
    package func runUntilQuiet() throws -> Bool {
        var lastHeads: [Position] = []
        return simulation.run {
            guard open == 0, failures.isEmpty, simulation.isIdle else { return !failures.isEmpty }
            let heads = self.heads()
            defer { lastHeads = heads }
            return heads == lastHeads && readerStatus.allSatisfy { passed(heads, $0) }
        }
    }

    /// The digest of each projection's rows, by name.
    package func roots() -> [String: [UInt8]] {
        final class Box: @unchecked Sendable { var roots: [String: [UInt8]] = [:] }
        // @unchecked: confined to the simulation's thread.
        let box = Box()
        let names = projectors.keys.sorted()
        for name in names {
            guard let projector = projectors[name] else { continue }
            simulation.start { do { box.roots[name] = try await projector.root() } catch { box.roots[name] = [] } }
        }
        simulation.run { box.roots.count == names.count }
        return box.roots
    }

    private func heads() -> [Position] {
        log.identity.placement.partitions.map { partition in
            do { return try log.reader(partition).head().position } catch { return .start }
        }
    }

    private func passed(_ heads: [Position], _ status: ReaderStatus) -> Bool {
        let positions = status.report.positions
        return zip(log.identity.placement.partitions, heads).allSatisfy { positions[$0] ?? .start == $1 }
    }

    private func startWriter(of partition: PartitionID, _ kinds: [String: AggregateKind]) {
        let random = simulation.makeGenerator()
        let incarnation = Incarnation(bits: UInt128(partition.rawValue) + 1)
        spawn { cluster in
            let claim = Claim(
                process: "writer-\(partition)", incarnation: incarnation, commandEndpoint: "memory",
                publishEndpoint: "memory", claimedAt: cluster.node.now)
            let writer = try await cluster.log.claim(partition, claim)
            let pipeline = try PartitionPipeline(
                writer: writer, log: cluster.log, kinds: kinds, codec: cluster.codec,
                ids: UniqueIDs(random: random), endpoint: "memory", outlet: cluster.bus, clock: cluster.node,
                executors: cluster.node)
            cluster.hosts.append(pipeline.host)
            cluster.network.connect(pipeline.host)
            try await pipeline.run()
        }
    }

    private func startProjection(_ projection: any Projection.Type) throws {
        let feed = Feed(logID: log.identity.id)
        let status = ReaderStatus(name: projection.name)
        let store = try ProjectionStore(
            projection, path: nil, logID: log.identity.id, codec: codec, parking: nil, build: "")
        let projector = Projector(
            store: store, feed: feed, readers: try readers(), status: status, lane: node.lane(projection.name))
        projectors[projection.name] = projector
        follow(feed, status)
        spawn { _ in try await projector.run() }
    }

    private func startReactor(_ reactor: any Reactor.Type) throws {
        let feed = Feed(logID: log.identity.id)
        let status = ReaderStatus(name: reactor.name)
        let store = try ReactorStore(name: reactor.name, path: nil, logID: log.identity.id)
        let runner = try ReactorRunner(
            reactor, store: store, feed: feed, log: log.identity, readers: try readers(), sender: network,
            codec: codec, clock: node, status: status, lane: node.lane(reactor.name))
        follow(feed, status)
        spawn { _ in try await runner.run() }
    }

    private func follow(_ feed: Feed, _ status: ReaderStatus) {
        feeds.append(feed)
        readerStatus.append(status)
        bus.subscribe(feed)
    }

    private func readers() throws -> [any PartitionReader] {
        try log.identity.placement.partitions.map { try log.reader($0) }
    }

    private func startTicks() {
        spawn { cluster in
            while true {
                try await cluster.node.sleep(for: .milliseconds(250))
                for feed in cluster.feeds { feed.tick() }
            }
        }
    }

    /// A task of the simulation that may touch the cluster: all on one thread.
    private func spawn(_ body: @escaping @Sendable (SimulatedCluster) async throws -> Void) {
        nonisolated(unsafe) let cluster = self  // confined to the simulation's thread, like all its tasks
        simulation.start {
            do { try await body(cluster) } catch { cluster.failures.append("\(error)") }
        }
    }
}
