import Foundation
import RoostCluster
import RoostCore

extension Timestamp {
    /// The clock of this machine.
    static var system: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}

/// What is in a directory.
enum FileContents {
    /// True also when there is no such directory.
    static func isEmptyDirectory(_ path: String) -> Bool {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path).isEmpty
        } catch {
            return !FileManager.default.fileExists(atPath: path)
        }
    }
}

/// Paths as a person would type them.
enum ShownPath {
    /// Relative to the current directory if it lies below it.
    static func of(_ path: String) -> String {
        let here = FileManager.default.currentDirectoryPath + "/"
        return path.hasPrefix(here) ? String(path.dropFirst(here.count)) : path
    }

    /// How a cluster is started: with its name, where its topology has another one.
    static func up(_ directory: ClusterDirectory) -> String {
        let command = "roost up \(of(directory.topologyFile))"
        do {
            let name = try ClusterCommands.topology(of: directory).name
            return name == directory.name ? command : "\(command) --cluster \(directory.name)"
        } catch {
            return "\(command) --cluster \(directory.name)"
        }
    }
}
