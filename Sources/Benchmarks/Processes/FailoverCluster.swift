import Foundation
import RoostCluster

/// A cluster of the `roost` that lies beside this executable, with two writers and one that stands by.
///
/// Its own process starts and stops it, so that it is stopped also when whoever measures it is gone.
enum FailoverCluster {
    private static let name = "bench"
    private static let topology = """
        roost: 1
        name: bench
        log:
          partitions: 6
          placement:
            shop: {categories: [stock, order, customer], partitions: 0-5}
        processes:
          writers:
            role: aggregate
            hosts: shop
            replicas: 2
            failover: {standbys: 1}
            restart: {max: 1000}
          fulfilment: {role: reactor}
          dashboard: {role: projection}
        """

    static func directory(in home: String) -> ClusterDirectory { ClusterDirectory(name: name, root: home) }

    /// Says when every process is ready.
    static func run(home: String) throws {
        let file = home + "/topology.yaml"
        try Data(topology.utf8).write(to: URL(filePath: file))
        defer { stop(home) }
        try roost(["up", file, "--cluster", name, "-d", "--wait"], home: home)
        Child.say("ready")
        Child.waitForEnd()
    }

    private static func stop(_ home: String) {
        do {
            try roost(["down"], home: home)
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
        }
    }

    /// Runs a command of `roost` to its end.
    static func roost(_ words: [String], home: String) throws {
        let file = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: "roost")
        guard FileManager.default.isExecutableFile(atPath: file.path()) else {
            throw BenchmarkError("\(file.path()) is missing; next: swift build -c release --product roost")
        }
        let process = Process()
        process.executableURL = file
        process.arguments = words
        process.environment = ProcessInfo.processInfo.environment.merging(["ROOST_HOME": home]) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchmarkError("roost \(words.joined(separator: " ")) ended with \(process.terminationStatus)")
        }
    }
}
