import Foundation
import RoostCore

/// Finds the clusters under one root.
public enum Clusters {
    /// A cluster whose supervisor is alive, with the state it wrote last.
    public struct Running: Sendable {
        /// Where the cluster lives.
        public let directory: ClusterDirectory
        /// Written at the supervisor's last change.
        public let state: ClusterState
    }

    /// Every directory under `root` that holds a cluster, by name.
    public static func all(root: String) -> [ClusterDirectory] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: root).sorted()
        } catch {
            return []
        }
        return names.map { ClusterDirectory(name: $0, root: root) }.filter {
            !$0.name.contains(".old-") && FileManager.default.fileExists(atPath: $0.topologyFile)
        }
    }

    /// The state of a cluster if its supervisor is alive.
    public static func running(_ directory: ClusterDirectory) throws(ClusterError) -> Running? {
        guard let state = try ClusterState.read(directory), state.isRunning, state.supervisor.isAlive else {
            return nil
        }
        return Running(directory: directory, state: state)
    }

    /// The running cluster of this name, or the only one that runs.
    public static func find(name: String?, root: String) throws(ClusterError) -> Running {
        if let name { return try named(name, root) }
        var found: [Running] = []
        for directory in all(root: root) {
            if let running = try running(directory) { found.append(running) }
        }
        guard let first = found.first else {
            throw ClusterError(.wrongState, "no cluster runs under \(root)", next: "roost up FILE")
        }
        guard found.count == 1 else {
            let names = found.map(\.directory.name).joined(separator: ", ")
            throw ClusterError(
                .usage, "several clusters run: \(names); say which one", next: "--cluster \(first.directory.name)")
        }
        return first
    }

    /// The directory of a cluster that need not run: the named one, the running one, or the only one there is.
    public static func locate(name: String?, root: String) throws(ClusterError) -> ClusterDirectory {
        let directories = all(root: root)
        if let name {
            guard let directory = directories.first(where: { $0.name == name }) else { throw unknown(name, root) }
            return directory
        }
        if directories.count == 1 { return directories[0] }
        for directory in directories where try running(directory) != nil {
            return try find(name: nil, root: root).directory
        }
        guard let first = directories.first else { return try find(name: nil, root: root).directory }
        throw ClusterError(
            .usage, "several clusters are there, none of them runs: \(directories.map(\.name).joined(separator: ", "))",
            next: "say which one: --cluster \(first.name)")
    }

    private static func named(_ name: String, _ root: String) throws(ClusterError) -> Running {
        guard let directory = all(root: root).first(where: { $0.name == name }) else { throw unknown(name, root) }
        if let running = try running(directory) { return running }
        throw ClusterError(
            .wrongState, "cluster '\(name)' does not run", next: "roost up \(directory.topologyFile) --cluster \(name)")
    }

    private static func unknown(_ name: String, _ root: String) -> ClusterError {
        let names = all(root: root).map(\.name)
        let hint = Suggestion.text(for: name, among: names)
        return ClusterError(.notFound, "there is no cluster '\(name)' under \(root)\(hint)", next: "roost up FILE")
    }
}
