import Foundation

/// Looks at what a cluster needs from the machine before one is started.
public struct Doctor: Sendable {
    /// One thing that was looked at.
    public struct Check: Codable, Hashable, Sendable {
        /// How the check went.
        public enum Status: String, Codable, Hashable, Sendable {
            case ok, warn, fail
            /// It was not looked at: never the same as ok.
            case skipped
        }

        /// A constant word for programs.
        public let id: String
        /// How the check went.
        public let status: Status
        /// What was found, for a person.
        public let message: String
        /// What to do about it; nil when nothing needs doing.
        public let fix: String?
    }

    /// What only the libraries themselves know.
    public struct Versions: Sendable {
        /// Of the libzmq in use, as in `4.3.4`.
        public var zeroMQ: String
        /// Of the SQLite in use, as in `3.40.1`.
        public var sqlite: String
        /// Both as the libraries write them: numbers with dots between.
        public init(zeroMQ: String, sqlite: String) {
            self.zeroMQ = zeroMQ
            self.sqlite = sqlite
        }
    }

    private static let freeBytesLeast: UInt64 = 200 << 20
    private static let freeBytesWished: UInt64 = 2 << 30

    private let root: String
    private let versions: Versions
    /// The port the gateway is told to use; nil for any free one.
    private let port: UInt16?

    /// `root` is where clusters live; nothing there is changed, and it need not exist.
    public init(root: String, versions: Versions, port: UInt16? = nil) {
        self.root = root
        self.versions = versions
        self.port = port
    }

    /// Every check, always in the same order.
    public func run() -> [Check] {
        [zeroMQ(), sqlite(), writable(), freeSpace(), socketPath(), gatewayPort(), staleClusters()]
    }

    private func zeroMQ() -> Check {
        let isKnown = VersionText.isAtLeast(versions.zeroMQ, [4, 3])
        return Check(
            id: "zeromq", status: isKnown ? .ok : .fail, message: "libzmq \(versions.zeroMQ)",
            fix: isKnown ? nil : "install libzmq 4.3 or newer: apt-get install libzmq3-dev")
    }

    private func sqlite() -> Check {
        let isKnown = VersionText.isAtLeast(versions.sqlite, [3, 37])
        return Check(
            id: "sqlite", status: isKnown ? .ok : .fail, message: "SQLite \(versions.sqlite)",
            fix: isKnown ? nil : "install SQLite 3.37 or newer: apt-get install libsqlite3-dev")
    }

    private func writable() -> Check {
        let probe = existingParent()
        let isWritable = access(probe, W_OK) == 0
        return Check(
            id: "directory", status: isWritable ? .ok : .fail,
            message: isWritable ? "\(root) can be written" : "\(probe) cannot be written",
            fix: isWritable ? nil : "set ROOST_HOME to a directory that is yours")
    }

    private func freeSpace() -> Check {
        var info = statvfs()
        guard statvfs(existingParent(), &info) == 0 else {
            return Check(id: "disk", status: .skipped, message: "free space is not known here", fix: nil)
        }
        let free = UInt64(info.f_bavail) * UInt64(info.f_frsize)
        let status: Check.Status = free < Self.freeBytesLeast ? .fail : free < Self.freeBytesWished ? .warn : .ok
        return Check(
            id: "disk", status: status, message: "\(free >> 20) MiB free",
            fix: status == .ok ? nil : "make room, or set ROOST_HOME to another disk")
    }

    private func socketPath() -> Check {
        let fits = ClusterDirectory(name: "shop", root: root).socketsFitIntoRun
        return Check(
            id: "sockets", status: .ok,
            message: fits ? "sockets fit under \(root)" : "sockets go to /tmp, because \(root) is long", fix: nil)
    }

    private func gatewayPort() -> Check {
        guard let port else {
            return Check(id: "port", status: .ok, message: "the gateway takes a free port", fix: nil)
        }
        let isFree = LoopbackPort.isFree(port)
        return Check(
            id: "port", status: isFree ? .ok : .fail,
            message: "port \(port) is \(isFree ? "free" : "in use")",
            fix: isFree ? nil : "end what listens there, or give the gateway another port")
    }

    /// Clusters whose supervisor is gone though their state says that they run.
    private func staleClusters() -> Check {
        let stale = Clusters.all(root: root).filter { directory in
            do throws(ClusterError) {
                guard let state = try ClusterState.read(directory) else { return false }
                return state.isRunning && !state.supervisor.isAlive
            } catch {
                return false
            }
        }
        let names = stale.map(\.name).joined(separator: ", ")
        return Check(
            id: "stale", status: stale.isEmpty ? .ok : .warn,
            message: stale.isEmpty ? "no cluster was left behind" : "not stopped in order: \(names)",
            fix: stale.first.map { "roost up \($0.topologyFile) --cluster \($0.name) starts it again with its data" })
    }

    private func existingParent() -> String {
        var path = URL(fileURLWithPath: root).standardizedFileURL
        while !FileManager.default.fileExists(atPath: path.path), path.path != "/" { path.deleteLastPathComponent() }
        return path.path
    }
}

/// Versions as libraries write them: `4.3.4`.
enum VersionText {
    static func isAtLeast(_ text: String, _ least: [Int]) -> Bool {
        let numbers = text.split(separator: ".").map { Int($0) ?? 0 }
        return !numbers.lexicographicallyPrecedes(least)
    }
}
