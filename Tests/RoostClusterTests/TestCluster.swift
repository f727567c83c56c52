import Foundation
import Testing

@testable import RoostCluster

/// A cluster of shell scripts under a real supervisor process; nothing of it is left after the test.
struct TestCluster {
    /// Ready at once, ends with its standard input.
    static let good = #"echo '{"ready":true}'; exec cat >/dev/null"#

    let directory: ClusterDirectory
    let supervisor: ProcessIdentity

    /// A topology with one writer, one projection and a gateway that run these scripts.
    static func topology(writer: String = good, projection: String = good, gateway: String = good, extra: String = "")
        -> String
    {
        """
        roost: 1
        name: scripts
        log: {partitions: 1, placement: {all: {categories: [a], partitions: 0}}}
        processes:
          writer: {role: aggregate, hosts: all, env: {SCRIPT: \(quoted(writer))}\(extra)}
          board: {role: projection, env: {SCRIPT: \(quoted(projection))}\(extra)}
          web: {role: gateway, env: {SCRIPT: \(quoted(gateway))}\(extra)}
        """
    }

    /// Runs `body` with a started cluster.
    static func with<Result>(_ topology: String, _ body: (TestCluster) throws -> Result) throws -> Result {
        try withTemporaryRoot { root in
            let cluster = try start(topology, root: root)
            defer { cluster.end() }
            return try body(cluster)
        }
    }

    static func start(_ topology: String, root: String, environment: [String: String] = [:]) throws -> TestCluster {
        let file = root + "/scripts.yaml"
        try Data(topology.utf8).write(to: URL(fileURLWithPath: file))
        let known = Topology.KnownNames(categories: ["a"], reactors: [], projections: ["board"])
        let request = ClusterCommands.UpRequest(topologyFile: file, root: root, known: known)
        let prepared = try ClusterCommands.prepare(request)
        return try launch(prepared.directory, environment: environment)
    }

    static func launch(_ directory: ClusterDirectory, environment: [String: String] = [:]) throws -> TestCluster {
        let command = ChildCommand(
            executable: host, arguments: ["_supervise", "--directory", directory.path], environment: environment)
        let state = try Launcher.launch(directory, command: command)
        return TestCluster(directory: directory, supervisor: state.supervisor)
    }

    var state: ClusterState {
        get throws { try #require(try ClusterState.read(directory)) }
    }

    func process(_ name: String) throws -> ProcessState {
        try #require(try state.processes.first { $0.name == name }, "no process \(name)")
    }

    /// The identity of a process that must be running.
    func identity(_ name: String) throws -> ProcessIdentity {
        let process = try process(name)
        return ProcessIdentity(pid: try #require(process.pid), startTime: try #require(process.startTime))
    }

    func waitUntilReady() throws {
        _ = try ClusterCommands.waitUntilReady(directory, timeout: .seconds(30))
    }

    /// Looks again until the condition holds; fails after half a minute.
    func wait(_ what: String, until condition: () throws -> Bool) throws {
        try eventually(what, condition)
    }

    func down() throws {
        try ClusterCommands.down(try #require(try Clusters.running(directory)), timeout: .seconds(30))
    }

    /// Ends whatever is left, whatever the test did.
    private func end() {
        let left = (try? state.processes.compactMap(\.pid)) ?? []
        if supervisor.isAlive { kill(supervisor.pid, SIGKILL) }
        for pid in left { kill(-pid, SIGKILL) }
        var status: Int32 = 0
        waitpid(supervisor.pid, &status, 0)
    }

    /// The executable beside the tests.
    private static var host: String {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("RoostClusterHost")
        let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("RoostClusterHost")
        return FileManager.default.fileExists(atPath: beside.path) ? beside.path : bundle.path
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}

/// Looks again until the condition holds; fails after half a minute.
func eventually(_ what: String, _ condition: () throws -> Bool) throws {
    let deadline = ContinuousClock.now + .seconds(30)
    while try !condition() {
        try #require(ContinuousClock.now < deadline, "never happened: \(what)")
        usleep(2000)
    }
}
