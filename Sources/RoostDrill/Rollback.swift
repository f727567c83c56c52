import Foundation
import RoostClient
import RoostCluster

/// Undoes everything that a drill has done, however it ended, and says what it could not undo.
struct Rollback {
    private let stage: DrillStage
    private let keeps: Bool
    private var home: DrillHome { stage.home }

    init(_ stage: DrillStage, keeps: Bool) {
        self.stage = stage
        self.keeps = keeps
    }

    /// Ends every process, in a task that nobody cancels any more. Returns what did not end by itself.
    func stop() async -> [DrillFinding] {
        let processes = OwnProcesses(of: home.cluster)
        // A process that is paused does not hear that it shall end.
        for pid in processes.pids() { kill(pid, SIGCONT) }
        var findings = await down()
        let left = processes.pids()
        if !left.isEmpty {
            findings.append(
                DrillFinding(.leftover, "processes did not end: \(left.map(String.init).joined(separator: ", "))"))
            for pid in left { kill(pid, SIGKILL) }
        }
        return findings
    }

    private func down() async -> [DrillFinding] {
        do {
            guard try Clusters.running(home.cluster) != nil else { return [] }
            let ended = try await home.roost(["down"], within: .seconds(45))
            guard ended.exit != 0 else { return [] }
            return [DrillFinding(.leftover, "the cluster did not stop: \(ended.output)")]
        } catch {
            return [DrillFinding(.leftover, "the cluster did not stop: \(error)")]
        }
    }

    /// Once nothing runs any more.
    func removeFiles() -> [DrillFinding] {
        let files = FileManager.default
        let sockets = home.cluster.sockets
        var findings: [DrillFinding] = []
        let left = socketFiles(in: sockets)
        if !left.isEmpty {
            findings.append(DrillFinding(.leftover, "sockets are left: \(left.joined(separator: ", "))"))
        }
        guard !keeps else { return findings }
        for path in [home.path, sockets] where files.fileExists(atPath: path) {
            do {
                try files.removeItem(atPath: path)
            } catch {
                findings.append(DrillFinding(.leftover, "\(path) cannot be removed: \(error.localizedDescription)"))
            }
        }
        return findings
    }

    private func socketFiles(in directory: String) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0 == "control.sock" }
        } catch {
            return []
        }
    }
}

/// The processes of the system whose command line names the directory of a cluster.
struct OwnProcesses {
    private let directory: ClusterDirectory

    init(of directory: ClusterDirectory) { self.directory = directory }

    func pids() -> [Int32] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: "/proc")
        } catch {
            return []
        }
        return names.compactMap { Int32($0) }.sorted().filter { pid in
            guard pid != getpid(), ProcessIdentity(pid: pid) != nil,
                let bytes = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline")
            else { return false }
            return bytes.split(separator: 0).contains { String(decoding: $0, as: UTF8.self) == directory.path }
        }
    }
}
