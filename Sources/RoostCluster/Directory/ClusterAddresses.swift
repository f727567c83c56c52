import Foundation

/// Where the processes of a cluster listen: Unix sockets in its directory, or TCP ports of this machine.
public struct ClusterAddresses: Sendable {
    /// What a socket that is bound is for. The raw values are part of file names.
    public enum Purpose: String, Sendable {
        case commands, events, replay
    }

    private let sockets: String
    /// Ports by the name of the socket; nil where sockets are files.
    private let ports: [String: UInt16]?

    /// Of a cluster that was prepared. Throws when its ports cannot be read.
    public init(_ directory: ClusterDirectory, _ topology: Topology) throws(ClusterError) {
        sockets = directory.sockets
        ports = topology.bus.transport == .tcp ? try PortFile(directory).read() : nil
    }

    /// The address of a ZeroMQ socket: `ipc://…/orders-0.commands.sock`, or `tcp://127.0.0.1:PORT`.
    public func address(of instance: String, _ purpose: Purpose) throws(ClusterError) -> String {
        let name = Self.name(instance, purpose)
        guard let ports else { return "ipc://\(sockets)/\(name).sock" }
        guard let port = ports[name] else {
            throw ClusterError(
                .failed, "no port is kept for the \(purpose) of \(instance)", next: "roost down, roost up FILE")
        }
        return "tcp://127.0.0.1:\(port)"
    }

    /// Keeps a port for every socket that the processes of a topology bind: the one it had before, while that is free.
    static func prepare(_ directory: ClusterDirectory, _ topology: Topology) throws(ClusterError) {
        guard topology.bus.transport == .tcp else { return }
        let names = topology.instances.flatMap { instance in
            purposes(of: instance.role).map { name(instance.name, $0) }
        }
        let file = PortFile(directory)
        try file.write(try FreePorts.choose(for: names, preferring: try file.read()))
    }

    private static func name(_ instance: String, _ purpose: Purpose) -> String { "\(instance).\(purpose.rawValue)" }

    private static func purposes(of role: ProcessRole) -> [Purpose] {
        switch role {
        case .aggregate: [.commands, .events]
        case .replay: [.replay]
        case .reactor, .projection, .gateway: []
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

/// Finds ports of the loopback interface that nobody listens on.
private enum FreePorts {
    static func choose(
        for names: [String], preferring known: [String: UInt16]
    ) throws(ClusterError) -> [String: UInt16] {
        var held: [Int32] = []
        defer { for descriptor in held { close(descriptor) } }
        var chosen: [String: UInt16] = [:]
        for name in names {
            guard let socket = known[name].flatMap(hold) ?? hold(0) else {
                throw ClusterError(.failed, "no free port was found for \(name)", next: "roost doctor")
            }
            held.append(socket.descriptor)
            chosen[name] = socket.port
        }
        return chosen
    }

    /// Binds a port, any one for 0, so that nobody else is given it meanwhile; nil when it is taken.
    private static func hold(_ port: UInt16) -> (descriptor: Int32, port: UInt16)? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isBound else {
            close(descriptor)
            return nil
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }
}
