import Foundation
import RoostCore

/// What the command line does with clusters, without its flags and its output.
public enum ClusterCommands {
    /// What `up` is given.
    public struct UpRequest: Sendable {
        /// The path of the file, as it was given.
        public var topologyFile: String
        /// The name of the topology unless given.
        public var clusterName: String?
        /// Where clusters live: `ClusterDirectory.root`.
        public var root: String
        /// Whether an earlier cluster's data is moved aside.
        public var fresh: Bool
        /// What the application consists of.
        public var known: Topology.KnownNames

        /// Checks nothing: `prepare` does.
        public init(
            topologyFile: String, clusterName: String? = nil, root: String, fresh: Bool = false,
            known: Topology.KnownNames
        ) {
            self.topologyFile = topologyFile
            self.clusterName = clusterName
            self.root = root
            self.fresh = fresh
            self.known = known
        }
    }

    /// A directory that is ready for a supervisor.
    public struct Prepared: Sendable {
        /// Where the cluster lives; it exists.
        public let directory: ClusterDirectory
        /// As its processes will read it.
        public let topology: Topology
        /// Where `--fresh` put the data of before.
        public let movedAside: String?
    }

    /// The topology of a file, checked by itself and against the application.
    public static func check(file: String, known: Topology.KnownNames) throws(ClusterError) -> Topology {
        do throws(TopologyError) {
            let topology = try Topology.load(file: file)
            try topology.check(against: known)
            return topology
        } catch {
            throw ClusterError(error)
        }
    }

    /// The same for a text; `file` is only named in problems.
    package static func check(
        text: String, file: String, known: Topology.KnownNames
    ) throws(ClusterError) -> Topology {
        do throws(TopologyError) {
            let topology = try Topology.parse(text, file: file)
            try topology.check(against: known)
            return topology
        } catch {
            throw ClusterError(error)
        }
    }

    /// Whether `up --fresh` would move something aside, so that a person can be asked first.
    public static func hasData(_ request: UpRequest) throws(ClusterError) -> Bool {
        FileManager.default.fileExists(atPath: try directory(of: request).path)
    }

    /// Checks everything `up` needs, lays out the directory and puts the topology into it.
    public static func prepare(_ request: UpRequest) throws(ClusterError) -> Prepared {
        let topology = try check(file: request.topologyFile, known: request.known)
        let directory = try directory(request.clusterName ?? topology.name, request.root)
        if try Clusters.running(directory) != nil { throw Supervisor.runsAlready(directory) }
        let aside = request.fresh ? try moveAside(directory) : nil
        try refuseAnotherPlacement(topology, directory, file: request.topologyFile)
        try directory.create()
        try copy(request.topologyFile, to: directory)
        return Prepared(directory: directory, topology: topology, movedAside: aside)
    }

    /// The topology that a cluster was started with: what its processes read.
    public static func topology(of directory: ClusterDirectory) throws(ClusterError) -> Topology {
        do throws(TopologyError) {
            return try Topology.load(file: directory.topologyFile)
        } catch {
            throw ClusterError(error)
        }
    }

    private static func directory(of request: UpRequest) throws(ClusterError) -> ClusterDirectory {
        if let name = request.clusterName { return try directory(name, request.root) }
        return try directory(check(file: request.topologyFile, known: request.known).name, request.root)
    }

    /// The directory of a cluster whose name is safe as one.
    package static func directory(_ name: String, _ root: String) throws(ClusterError) -> ClusterDirectory {
        do throws(InvalidName) {
            try StreamName.checkCategory(name)
        } catch {
            throw ClusterError(
                .usage, "'\(name)' cannot be the name of a cluster: a-z first, then a-z, 0-9 or -, at most 32 in all")
        }
        return ClusterDirectory(name: name, root: root)
    }

    private static func moveAside(_ directory: ClusterDirectory) throws(ClusterError) -> String? {
        guard FileManager.default.fileExists(atPath: directory.path) else { return nil }
        try StaleProcesses.end(of: directory)
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "UTC")
        formatter.dateFormat = "yyyyMMdd-HHmmss"
        let stamp = directory.path + ".old-" + formatter.string(from: Date())
        let taken = FileManager.default.fileExists(atPath: stamp)
        let target = taken ? "\(stamp)-\(getpid())" : stamp
        guard rename(directory.path, target) == 0 else {
            throw ClusterError(SystemCallError("rename", directory.path))
        }
        return target
    }

    /// A category may be added to a group, never moved: its streams would not be found any more.
    private static func refuseAnotherPlacement(
        _ topology: Topology, _ directory: ClusterDirectory, file: String
    ) throws(ClusterError) {
        guard holdsLog(directory) else { return }
        let before: Topology
        do throws(TopologyError) {
            before = try Topology.load(file: directory.topologyFile)
        } catch {
            return
        }
        let obstacles = before.placement.obstacles(to: topology.placement)
        guard !obstacles.isEmpty else { return }
        throw ClusterError(
            .topologyInvalid,
            "\(file) does not fit the log of cluster '\(directory.name)': \(obstacles.joined(separator: "; "))",
            next: "roost up \(file) --fresh, which moves the old data aside, or --cluster with another name")
    }

    private static func holdsLog(_ directory: ClusterDirectory) -> Bool {
        do {
            return try !FileManager.default.contentsOfDirectory(atPath: directory.log).isEmpty
        } catch {
            return false
        }
    }

    private static func copy(_ file: String, to directory: ClusterDirectory) throws(ClusterError) {
        do {
            let text = try Topology.source(of: file)
            try FileText.replace(directory.topologyFile, with: Array(text.utf8), mode: 0o644)
        } catch let error as SystemCallError {
            throw ClusterError(error)
        } catch {
            throw ClusterError(.topologyInvalid, "\(error)")
        }
    }
}
