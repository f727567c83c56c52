internal import Foundation

/// A key that is missing or broken, and what to do about it. Another try finds the same.
package struct KeyError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

/// The CURVE keys of a cluster, in a directory that only its owner may enter.
///
/// `_cluster.key` is what every server of the cluster proves to be, `_cluster.public` its public half for clients
/// elsewhere; `NAME.key` is what the client NAME is known by. `allowed` lists who may connect, one public key a line,
/// with a name behind it: add a line to let somebody in, remove one to keep somebody out, then restart the servers.
package struct KeyDirectory: Sendable {
    /// No process can be called so.
    private static let cluster = "_cluster"
    /// What commands and the gateway are known by, whoever runs them.
    package static let commandLine = "_command-line"
    private let path: String

    package init(path: String) { self.path = path }

    private var allowedFile: String { "\(path)/allowed" }
    private func keyFile(_ name: String) -> String { "\(path)/\(name).key" }

    /// Makes the keys that are missing, and lets their clients in. What is there stays as it is.
    package func prepare(clients: [String]) throws(KeyError) {
        if !exists(path) {
            do {
                try FileManager.default.createDirectory(
                    atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            } catch {
                throw KeyError("the keys cannot be kept in \(path)")
            }
        }
        if !exists(keyFile(Self.cluster)) {
            let pair = try newPair()
            try write(pair.publicKey + "\n", to: "\(path)/\(Self.cluster).public")
            try write(pair.secretKey + "\n", to: keyFile(Self.cluster))
        }
        try letIn(clients)
    }

    /// Lists a key before it is written: when this is interrupted, the list has a line too many, not one too few.
    private func letIn(_ clients: [String]) throws(KeyError) {
        var new: [(file: String, pair: CurveKeyPair)] = []
        var lines = exists(allowedFile) ? try contents(of: allowedFile) : ""
        if !lines.isEmpty, !lines.hasSuffix("\n") { lines += "\n" }
        for client in clients {
            let isKnown = exists(keyFile(client))
            if isKnown, exists(allowedFile) { continue }
            let pair = isKnown ? try pair(client) : try newPair()
            lines += "\(pair.publicKey) \(client)\n"
            if !isKnown { new.append((keyFile(client), pair)) }
        }
        if !new.isEmpty || !exists(allowedFile) { try write(lines, to: allowedFile) }
        for (file, pair) in new { try write(pair.secretKey + "\n", to: file) }
    }

    private func exists(_ file: String) -> Bool { FileManager.default.fileExists(atPath: file) }

    /// What a socket of the cluster that binds needs.
    package func server() throws(KeyError) -> SocketSecurity {
        .server(try pair(Self.cluster), allowed: try allowed())
    }

    /// What a socket of the client of this name needs.
    package func client(_ name: String) throws(KeyError) -> SocketSecurity {
        .client(try pair(name), server: try pair(Self.cluster).publicKey)
    }

    private func newPair() throws(KeyError) -> CurveKeyPair {
        do { return try CurveKeyPair.make() } catch { throw KeyError(error.description) }
    }

    /// Whole or not at all.
    private func write(_ text: String, to file: String) throws(KeyError) {
        let made = FileManager.default.createFile(
            atPath: "\(file).new", contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        guard made, unsafe rename("\(file).new", file) == 0 else { throw KeyError("\(file) cannot be written") }
    }

    private func pair(_ name: String) throws(KeyError) -> CurveKeyPair {
        let file = keyFile(name)
        let text = try contents(of: file)
        guard let pair = CurveKeyPair(secretKey: text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw KeyError(
                "\(file) holds no CURVE key; restore it, or remove it and the line of its name in \(allowedFile), "
                    + "then run roost down and roost up")
        }
        return pair
    }

    private func contents(of file: String) throws(KeyError) -> String {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw KeyError("the key file \(file) cannot be read; roost up makes what is missing")
        }
        var status = stat()
        guard unsafe stat(file, &status) == 0, status.st_mode & 0o077 == 0 else {
            throw KeyError("others can read \(file); run chmod 600 on it")
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// The public keys of `allowed`. A line that is none is an error: it would keep somebody out unseen.
    private func allowed() throws(KeyError) -> Set<String> {
        var keys: Set<String> = []
        let lines = try contents(of: allowedFile).split(separator: "\n", omittingEmptySubsequences: false)
        for (number, line) in lines.enumerated() where !line.allSatisfy(\.isWhitespace) {
            let key = String(line.prefix { !$0.isWhitespace })
            guard CurveKeyPair.bytes(ofPublicKey: key) != nil else {
                throw KeyError(
                    "\(allowedFile), line \(number + 1): '\(key)' is no public key of 40 characters; correct the line")
            }
            keys.insert(key)
        }
        return keys
    }
}
