import Glibc
package import RoostCluster
import RoostCore

/// Stands between writers and everybody who connects to them, and breaks messages on their way.
///
/// It listens where writers are looked for and connects to where they really are. Used by one thread: it waits for
/// connections, bytes, due times and orders, and acts.
package final class FaultProxy {
    private struct Door {
        let listener: Int32
        let link: FaultLink
        let writer: ProcessInstance
        /// Where the writer really is.
        let behind: String
    }

    /// How often counters are told at most.
    private static let reportEvery = Duration.milliseconds(200)

    private let directory: ClusterDirectory
    private let topology: Topology
    private let reporter: StatusReporter
    private let orders: ProxyOrders
    private var doors: [Door] = []
    private var endpoints: [String] = []
    private var connections: [ProxyConnection] = []
    private var list = FaultList(areAllowed: true)
    private var effects: [Int: [String: Int64]] = [:]
    /// Of connections that are gone.
    private var passedMessages = 0
    private var lastReport = Duration.zero
    private let start = ContinuousClock.now

    package init(_ directory: ClusterDirectory, _ reporter: StatusReporter) throws {
        self.directory = directory
        self.reporter = reporter
        topology = try ClusterCommands.topology(of: directory)
        orders = try ProxyOrders()
    }

    private var now: Duration { start.duration(to: .now) }

    /// Returns when the supervisor is gone or wants it to end.
    package func run() throws {
        defer { doors.forEach { close($0.listener) } }
        try readList()
        try openDoors()
        orders.watch()
        report()
        while !orders.isEnded {
            let found = wait()
            if orders.take() {
                try readList()
                report()
            }
            work(found)
            doors.forEach(admit)
            if now - lastReport >= Self.reportEvery { report() }
        }
    }

    private func openDoors() throws {
        let addresses = try ClusterAddresses(directory, topology)
        for writer in topology.instances where writer.role == .aggregate {
            for (purpose, link) in [(ClusterAddresses.Purpose.commands, FaultLink.commands), (.events, .bus)] {
                let address = try addresses.address(of: writer.name, purpose)
                doors.append(
                    Door(
                        listener: try ProxySocket.listen(at: address), link: link, writer: writer,
                        behind: try addresses.boundAddress(of: writer.name, purpose)))
                endpoints.append(address)
            }
        }
    }

    // MARK: - The loop

    /// What `poll` found at the two ends of each connection.
    private func wait() -> [pollfd] {
        let ends = connections.flatMap(\.polled)
        var all = ends + [pollfd(fd: orders.descriptor, events: Int16(POLLIN), revents: 0)]
        all += doors.map { pollfd(fd: $0.listener, events: Int16(POLLIN), revents: 0) }
        poll(&all, nfds_t(all.count), timeout())
        return Array(all.prefix(ends.count))
    }

    /// In milliseconds, rounded up; a report that is due waits for the end of its pause.
    private func timeout() -> Int32 {
        let report = lastReport + Self.reportEvery
        let next = (connections.compactMap(\.deadline) + [max(report, now + .milliseconds(1))]).min() ?? report
        return Int32(min(max(((next - now) / .milliseconds(1)).rounded(.up), 0), 1000))
    }

    private func work(_ found: [pollfd]) {
        let now = now
        for (index, connection) in connections.enumerated() {
            connection.work(Array(found[index * 2..<index * 2 + 2]), at: now)
            note(connection)
        }
        passedMessages += connections.filter(\.isClosed).reduce(0) { $0 + $1.messages }
        connections.removeAll { $0.isClosed }
    }

    private func note(_ connection: ProxyConnection) {
        for (id, done) in connection.takeEffects() { effects[id, default: [:]].merge(done) { $0 + $1 } }
    }

    /// Takes in who waits at a door; where the writer is away they are sent away, and try again.
    private func admit(_ door: Door) {
        while let peer = ProxySocket.accept(door.listener) {
            do throws(ProxyError) {
                let writer = try ProxySocket.connect(to: door.behind)
                let name = PeerName.of(peer)
                let link = ProxiedLink(
                    link: door.link, writer: door.writer, peer: name,
                    peerProcess: topology.instance(named: name)?.process.name)
                let connection = ProxyConnection(link, peer: peer, writer: writer)
                connection.update(list.faults, at: now)
                noteCuts(of: connection, by: list.faults)
                connections.append(connection)
            } catch {
                close(peer)
            }
        }
    }

    // MARK: - Faults

    private func readList() throws {
        guard let list = try FaultList.read(directory) else { return }
        let known = Set(self.list.faults.map(\.id))
        self.list = list
        effects = effects.filter { id, _ in list.faults.contains { $0.id == id } }
        for connection in connections {
            connection.update(list.faults, at: now)
            noteCuts(of: connection, by: list.faults.filter { !known.contains($0.id) })
        }
    }

    private func noteCuts(of connection: ProxyConnection, by faults: [ActiveFault]) {
        for fault in faults where fault.fault.kind == .cut && connection.link.isTouched(by: fault) {
            effects[fault.id, default: [:]]["connections", default: 0] += 1
        }
    }

    private func report() {
        lastReport = now
        var counters = [FaultCounters.version: Int64(list.version), "connections": Int64(connections.count)]
        counters["messages"] = Int64(connections.reduce(passedMessages) { $0 + $1.messages })
        for fault in list.faults where fault.fault.kind.isOfMessages {
            for (name, count) in effects[fault.id] ?? [:] { counters[FaultCounters.name(fault.id, name)] = count }
        }
        let (endpoints, final) = (endpoints, counters)
        reporter.update {
            $0.ready = true
            $0.endpoints = endpoints
            $0.counters = final
        }
    }
}
