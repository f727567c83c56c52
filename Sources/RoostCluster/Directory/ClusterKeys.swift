import Foundation
package import RoostZeroMQ

/// The CURVE keys of a cluster whose sockets are TCP ports, in a directory that only its owner may enter. Where sockets
/// are files nobody needs any.
///
/// `_cluster.key` is what every server of the cluster proves to be, `_cluster.public` its public half for clients;
/// `NAME.key` is what the client NAME is known by. `allowed` lists who may connect, one public key a line, with a name
/// behind it: add a line to let somebody in, remove one to keep somebody out, then restart the servers.
package struct ClusterKeys: Sendable {
    /// No process can be called so.
    private static let cluster = "_cluster"
    /// What commands are known by, whoever runs them.
    package static let commandLine = "_command-line"

    private let path: String
    private var allowedFile: String { "\(path)/allowed" }
    private var publicFile: String { "\(path)/\(Self.cluster).public" }
    private func keyFile(_ name: String) -> String { "\(path)/\(name).key" }

    package init(path: String) { self.path = path }

    /// What a socket that binds needs.
    package static func server(_ directory: ClusterDirectory, _ topology: Topology) throws(KeyError) -> SocketSecurity {
        guard topology.bus.transport == .tcp else { return .none }
        return try ClusterKeys(path: directory.keys).server()
    }

    /// What a socket that connects needs.
    package static func client(
        _ name: String, _ directory: ClusterDirectory, _ topology: Topology
    ) throws(KeyError) -> SocketSecurity {
        guard topology.bus.transport == .tcp else { return .none }
        return try ClusterKeys(path: directory.keys).client(name)
    }

    /// Makes what is missing: a key of the cluster, one for every process that connects, one for the command line.
    static func prepare(_ directory: ClusterDirectory, _ topology: Topology) throws(KeyError) {
        guard topology.bus.transport == .tcp else { return }
        // A replay node is the only one that connects to nobody.
        let clients = topology.instances.filter { $0.role != .replay }
        try ClusterKeys(path: directory.keys).prepare(clients: clients.map(\.name) + [commandLine])
    }

    package func server() throws(KeyError) -> SocketSecurity {
        .server(try pair(Self.cluster), allowed: try allowed())
    }

    package func client(_ name: String) throws(KeyError) -> SocketSecurity {
        let server = try text(of: publicFile).trimmingCharacters(in: .whitespacesAndNewlines)
        guard CurveKeyPair.isPublicKey(server) else {
            throw KeyError("\(publicFile) holds no public key", next: "restore the file")
        }
        return .client(try pair(name), server: server)
    }

    /// Makes the keys that are missing, and lets their clients in. What is there stays as it is.
    package func prepare(clients: [String]) throws(KeyError) {
        do throws(SystemCallError) {
            try FileText.makeDirectory(path, mode: 0o700)
        } catch {
            throw KeyError("the keys cannot be kept: \(error)", next: "roost doctor")
        }
        if !hasKeys() {
            let pair = try newPair()
            try write("", to: allowedFile)
            try write(pair.publicKey + "\n", to: publicFile)
            try write(pair.secretKey + "\n", to: keyFile(Self.cluster))
        }
        // What is half there stays so: who was let in cannot be guessed.
        for file in [keyFile(Self.cluster), publicFile, allowedFile] { _ = try text(of: file) }
        try letIn(clients.filter { !exists(keyFile($0)) })
    }

    /// Lists a key before it is written: when this is interrupted, the list has a line too many, not one too few.
    private func letIn(_ clients: [String]) throws(KeyError) {
        guard !clients.isEmpty else { return }
        var lines = try text(of: allowedFile)
        if !lines.isEmpty, !lines.hasSuffix("\n") { lines += "\n" }
        var new: [(file: String, pair: CurveKeyPair)] = []
        for client in clients {
            let pair = try newPair()
            lines += "\(pair.publicKey) \(client)\n"
            new.append((keyFile(client), pair))
        }
        try write(lines, to: allowedFile)
        for (file, pair) in new { try write(pair.secretKey + "\n", to: file) }
    }

    private func newPair() throws(KeyError) -> CurveKeyPair {
        do { return try CurveKeyPair.make() } catch { throw KeyError(error.description, next: "roost doctor") }
    }

    private func pair(_ name: String) throws(KeyError) -> CurveKeyPair {
        let file = keyFile(name)
        guard name == Self.cluster || exists(file) else {
            throw KeyError("\(file) is missing", next: "roost down, then roost up FILE makes a new key")
        }
        guard let pair = CurveKeyPair(secretKey: try text(of: file).trimmingCharacters(in: .whitespacesAndNewlines))
        else {
            let remedy = name == Self.cluster ? path : "it and the line of its name in \(allowedFile)"
            throw KeyError(
                "\(file) holds no CURVE key", next: "restore it, or remove \(remedy), then roost down, roost up")
        }
        return pair
    }

    /// The public keys of `allowed`. A line that is none is an error: it would keep somebody out unseen.
    private func allowed() throws(KeyError) -> Set<String> {
        var keys: Set<String> = []
        let lines = try text(of: allowedFile).split(separator: "\n", omittingEmptySubsequences: false)
        for (number, line) in lines.enumerated() where !line.allSatisfy(\.isWhitespace) {
            let key = String(line.prefix { !$0.isWhitespace })
            guard CurveKeyPair.isPublicKey(key) else {
                throw KeyError(
                    "\(allowedFile), line \(number + 1): '\(key)' is no public key of 40 characters",
                    next: "correct the line, or remove it")
            }
            keys.insert(key)
        }
        return keys
    }

    /// Whether anybody has a key yet: until then an interrupted start can be made again.
    private func hasKeys() -> Bool {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path).contains { $0.hasSuffix(".key") }
        } catch {
            return false
        }
    }

    private func exists(_ file: String) -> Bool { FileManager.default.fileExists(atPath: file) }

    private func write(_ text: String, to file: String) throws(KeyError) {
        do throws(SystemCallError) {
            try FileText.replace(file, with: Array(text.utf8), mode: 0o600)
        } catch {
            throw KeyError("a key cannot be kept: \(error)", next: "roost doctor")
        }
    }

    /// A file that others cannot read.
    private func text(of file: String) throws(KeyError) -> String {
        let bytes: [UInt8]?
        do throws(SystemCallError) {
            bytes = try FileText.contents(of: file)
        } catch {
            throw KeyError("\(error)", next: "make it readable for yourself")
        }
        guard let bytes else {
            throw KeyError(
                "\(file) is missing", next: "restore it, or remove \(path) for new keys, then roost down, roost up")
        }
        var status = stat()
        guard stat(file, &status) == 0, status.st_mode & 0o077 == 0 else {
            throw KeyError("others can read \(file)", next: "chmod 600 \(file)")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A key that is missing or broken, and what to do about it. Another try finds the same.
package struct KeyError: Error, Hashable, Sendable, CustomStringConvertible {
    package let message: String
    package let next: String

    init(_ message: String, next: String) {
        self.message = message
        self.next = next
    }

    package var description: String { "\(message); \(next)" }
}
