import Foundation
import RoostCore

/// Where a cluster lives: its log, its projections, its sockets and what is known about its processes.
public struct ClusterDirectory: Hashable, Sendable {
    /// Absolute.
    public let path: String
    /// The name of the cluster: the last part of `path`.
    public let name: String

    /// `path` is the directory of one cluster; its last part is the cluster's name.
    public init(path: String) {
        let absolute = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        self.path = URL(fileURLWithPath: absolute).standardizedFileURL.path
        name = URL(fileURLWithPath: absolute).standardizedFileURL.lastPathComponent
    }

    /// `$ROOST_HOME/<name>`, or `.roost/<name>` under the current directory.
    public init(name: String, root: String) { self.init(path: root + "/" + name) }

    /// Where the clusters are.
    public static func root(environment: [String: String]) -> String {
        let home = environment["ROOST_HOME"] ?? ""
        return home.isEmpty ? FileManager.default.currentDirectoryPath + "/.roost" : home
    }

    /// The directory of the event log.
    public var log: String { path + "/log" }
    /// Holds one file of snapshots for each partition.
    public var snapshots: String { path + "/snapshots" }
    /// Holds one directory for each projection.
    public var projections: String { path + "/projections" }
    /// The files of one projection.
    package func projection(_ name: String) -> String { "\(projections)/\(name)" }
    /// Holds one database for each reactor: its checkpoint and the commands that were refused.
    public var reactors: String { path + "/reactors" }
    /// Holds one database for each public feed: its checkpoint and everything it has published.
    public var feeds: String { path + "/feeds" }
    /// State and sockets; nobody else may enter.
    public var run: String { path + "/run" }
    /// Holds one file for each process: `logFile(of:)`.
    public var logs: String { path + "/logs" }
    /// The topology as the cluster was started with it: children read this one.
    public var topologyFile: String { path + "/topology.yaml" }
    /// The keys that personal data is sealed by; nobody else may enter.
    public var vault: String { path + "/vault" }
    /// Which vault belongs to the log, kept outside of it so that a lost one is missed.
    public var vaultMark: String { path + "/vault.id" }
    /// The CURVE keys, where sockets are TCP ports.
    public var keys: String { path + "/keys" }
    /// The TCP ports of the processes, where they have some.
    public var portsFile: String { path + "/ports.json" }
    /// What a writer must show to the gateway.
    public var tokenFile: String { path + "/token" }
    /// `ClusterState` as JSON, replaced as a whole at every change.
    public var stateFile: String { run + "/state.json" }
    /// Locked by the supervisor for as long as it lives.
    public var lockFile: String { run + "/lock" }

    /// The faults that hold, as `FaultList`: for processes and for `roost fault ls`.
    package var faultsFile: String { path + "/faults.json" }

    /// Holds what rebuilds have proved.
    package var certificates: String { path + "/certificates" }

    /// Which build its processes have found themselves to be.
    package var buildFile: String { run + "/build.json" }

    /// How far spans were sent to a collector.
    package var telemetryCursorFile: String { path + "/telemetry.json" }

    /// Locked by who archives for as long as that takes.
    package var archiveLockFile: String { path + "/archive.lock" }

    /// The standard error of a process; `supervisor` is the supervisor's own.
    public func logFile(of process: String) -> String { "\(logs)/\(process).log" }

    /// Makes what is missing, with a new token if there is none.
    public func create() throws(ClusterError) {
        do throws(SystemCallError) {
            for directory in [path, logs] { try FileText.makeDirectory(directory, mode: 0o755) }
            // What is in them is for nobody else: projections and snapshots show what the log has sealed.
            for directory in [log, snapshots, projections, reactors, feeds] {
                try FileText.makeDirectory(directory, mode: 0o700)
            }
            try FileText.makeDirectory(run, mode: 0o700)
            try makeToken()
        } catch {
            throw ClusterError(error)
        }
    }

    /// The token of the gateway.
    public func token() throws(ClusterError) -> String {
        let bytes: [UInt8]?
        do throws(SystemCallError) {
            bytes = try FileText.contents(of: tokenFile)
        } catch {
            throw ClusterError(error)
        }
        guard let bytes else {
            throw ClusterError(.notFound, "cluster '\(name)' has no token at \(tokenFile)", next: "roost up FILE")
        }
        return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func makeToken() throws(SystemCallError) {
        guard try FileText.contents(of: tokenFile) == nil else { return }
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
        try FileText.replace(tokenFile, with: Array((Hexadecimal.text(bytes) + "\n").utf8), mode: 0o600)
    }
}
