import Foundation
import RoostCore

/// Where the processes of a cluster listen: Unix sockets in its directory, or TCP ports of this machine.
public struct ClusterAddresses: Sendable {
    /// What a socket that is bound is for. The raw values are part of file names.
    public enum Purpose: String, Sendable {
        case commands, events, replay, feed, spans
    }

    private let sockets: String
    /// Ports by the name of the socket; nil where sockets are files.
    private let ports: [String: UInt16]?
    /// Whether writers are reached through the proxy that breaks messages.
    private let hasProxy: Bool

    /// Of a cluster that was prepared. Throws when its ports cannot be read.
    public init(_ directory: ClusterDirectory, _ topology: Topology) throws(ClusterError) {
        sockets = directory.sockets
        hasProxy = try FaultList.read(directory)?.areAllowed == true
        ports = topology.bus.transport == .tcp ? try PortFile(directory).read() : nil
    }

    /// The address of a ZeroMQ socket: `ipc://…/orders-0.commands.sock`, or `tcp://127.0.0.1:PORT`.
    public func address(of instance: String, _ purpose: Purpose) throws(ClusterError) -> String {
        try address(named: Self.name(instance, purpose))
    }

    private func address(named name: String) throws(ClusterError) -> String {
        guard let ports else { return "ipc://\(sockets)/\(name).sock" }
        guard let port = ports[name] else {
            throw ClusterError(.failed, "no port is kept for \(name)", next: "roost down, roost up FILE")
        }
        return "tcp://127.0.0.1:\(port)"
    }

    /// Where a writer itself listens: behind the proxy, if there is one.
    package func boundAddress(of instance: String, _ purpose: Purpose) throws(ClusterError) -> String {
        try address(named: Self.name(instance, purpose) + (hasProxy ? Self.behind : ""))
    }

    /// Keeps a port for every socket that the processes of a topology bind: the one it had before, while that is free.
    static func prepare(
        _ directory: ClusterDirectory, _ topology: Topology, withProxy: Bool
    ) throws(ClusterError) {
        guard topology.bus.transport == .tcp else { return }
        let names = topology.instances.flatMap { instance in
            let names = purposes(of: instance).map { name(instance.name, $0) }
            return withProxy && instance.role == .aggregate ? names + names.map { $0 + behind } : names
        }
        let file = PortFile(directory)
        try file.write(try FreePorts.choose(for: names, preferring: try file.read(), seed: directory.path))
    }

    /// What the name of a socket behind the proxy ends in.
    private static let behind = ".behind"

    private static func name(_ instance: String, _ purpose: Purpose) -> String { "\(instance).\(purpose.rawValue)" }

    private static func purposes(of instance: ProcessInstance) -> [Purpose] {
        switch instance.role {
        case .aggregate: [.commands, .events]
        case .replay: [.replay]
        case .feed: [.feed]
        case .projection: instance.name == TopologyProcess.traces ? [.spans] : []
        case .reactor, .gateway, .proxy: []
        }
    }
}

/// The file that remembers the ports of a cluster.
private struct PortFile {
    private let path: String

    init(_ directory: ClusterDirectory) { path = directory.portsFile }

    /// Empty when there is none, or when it cannot be understood: ports can be chosen anew.
    func read() throws(ClusterError) -> [String: UInt16] {
        do throws(SystemCallError) {
            guard let bytes = try FileText.contents(of: path) else { return [:] }
            return decode(bytes)
        } catch {
            throw ClusterError(error)
        }
    }

    func write(_ ports: [String: UInt16]) throws(ClusterError) {
        do {
            try FileText.replace(path, with: JSONText.line(ports), mode: 0o600)
        } catch {
            throw ClusterError(.failed, "the ports cannot be kept: \(error)", next: "roost doctor")
        }
    }

    private func decode(_ bytes: [UInt8]) -> [String: UInt16] {
        do { return try JSONText.decode([String: UInt16].self, from: bytes) } catch { return [:] }
    }
}

/// Chooses ports of the loopback interface that nobody listens on, from a range that the system gives to nobody by
/// itself: none is lost between two starts but to somebody who asks for it.
private enum FreePorts {
    private static let range: Range<UInt16> = 20_000..<32_000

    /// Known ports stay as long as they are free. New ones start at a place that depends on `seed`.
    static func choose(
        for names: [String], preferring known: [String: UInt16], seed: String
    ) throws(ClusterError) -> [String: UInt16] {
        var chosen = known.filter { names.contains($0.key) && LoopbackPort.isFree($0.value) }
        var taken = Set(chosen.values)
        var next = StableHash.fnv1a(seed.utf8) % UInt64(range.count)
        for name in names where chosen[name] == nil {
            var tries = range.count
            while tries > 0, taken.contains(port(next)) || !LoopbackPort.isFree(port(next)) {
                next += 1
                tries -= 1
            }
            guard tries > 0 else {
                throw ClusterError(.failed, "no free port was found for \(name)", next: "roost doctor")
            }
            chosen[name] = port(next)
            taken.insert(port(next))
        }
        return chosen
    }

    private static func port(_ number: UInt64) -> UInt16 {
        range.lowerBound + UInt16(number % UInt64(range.count))
    }
}
