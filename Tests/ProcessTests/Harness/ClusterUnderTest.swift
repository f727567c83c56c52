import Foundation
import RoostNode
import Testing

/// A cluster of real processes in a directory of its own; nothing of it is left after the test.
struct ClusterUnderTest: Sendable {
    /// `ROOST_HOME`.
    let home: String
    let name: String
    /// What belongs to the test: files to load, output of commands.
    let files: String

    /// The directory of the cluster.
    var directory: String { "\(home)/\(name)" }
    var topologyFile: String { "\(files)/topology.yaml" }

    /// Runs `body` with a cluster that is up and ready; ends it whatever happens.
    static func with<Result>(
        _ topology: TestTopology, home: String? = nil, isStarted: Bool = true, allowsFaults: Bool = false,
        _ body: (ClusterUnderTest) throws -> Result
    ) throws -> Result {
        try withTemporaryDirectory { base in
            let cluster = ClusterUnderTest(home: home ?? base + "/h", name: topology.name, files: base)
            try Data(topology.text.utf8).write(to: URL(fileURLWithPath: cluster.topologyFile))
            defer { cluster.end() }
            do {
                if isStarted { try cluster.up(allowingFaults: allowsFaults) }
                return try body(cluster)
            } catch {
                throw TestFailure("\(error)\nROOST_SEED=\(Seed.current)\n\(cluster.diagnosis)")
            }
        }
    }

    // MARK: - Commands

    /// The executable beside the tests.
    static let executable = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("roost").path

    var environment: [String: String] {
        var environment = ProcessInfo.processInfo.environment
        environment["ROOST_HOME"] = home
        environment["NO_COLOR"] = "1"
        return environment
    }

    /// Starts `roost …`.
    func begin(_ arguments: [String], input: Int32? = nil) throws -> RunningCommand {
        try RunningCommand([Self.executable] + arguments, environment: environment, input: input, files: files)
    }

    /// Runs `roost …` to its end.
    func roost(_ arguments: String..., within limit: Duration = .seconds(120)) throws -> CommandResult {
        try begin(arguments).finish(within: limit)
    }

    /// Runs a command that is killed at a moment of its own.
    func die(at failpoint: Failpoint, _ words: [String]) throws {
        let marker = files + "/reached"
        let command = try RunningCommand(
            ["/usr/bin/env", "ROOST_FAILPOINT=\(failpoint.rawValue)@1:\(marker)", Self.executable] + words,
            environment: environment, files: files)
        let result = try command.finish(within: .seconds(60))
        guard result.exitCode != 0, FileManager.default.fileExists(atPath: marker) else {
            throw TestFailure("'\(words)' did not reach \(failpoint.rawValue): \(result)")
        }
    }

    func up(allowingFaults: Bool = false) throws {
        let words = ["up", topologyFile, "-d", "--wait", "--timeout", "60s"]
        try begin(words + (allowingFaults ? ["--faults"] : [])).finish().expecting(0)
    }

    /// Stops the cluster and checks that no process of it is left.
    func down() throws {
        try roost("down").expecting(0)
        try #require(processes().isEmpty, "'down' left processes: \(processes())")
    }

    func ps() throws -> PsReport { try roost("ps", "--json").expecting(0).document(PsReport.self) }

    func process(_ name: String) throws -> PsReport.Process {
        try #require(try ps().processes.first { $0.name == name }, "no process '\(name)'")
    }

    /// Waits until `condition` holds for a process as `ps` shows it.
    @discardableResult
    func wait(
        _ what: String, for name: String, within limit: Duration = .seconds(60),
        until condition: (PsReport.Process) -> Bool
    ) throws -> PsReport.Process {
        var last: PsReport.Process?
        try eventually("\(name): \(what); last \(last.map { "\($0)" } ?? "nothing")", within: limit) {
            let process = try process(name)
            last = process
            return condition(process)
        }
        return try #require(last)
    }

    func waitUntilCaughtUp() throws {
        try roost("wait", "--for", "caught-up", "--timeout", "100s").expecting(0)
    }

    // MARK: - Processes

    struct FoundProcess: Hashable, CustomStringConvertible {
        let pid: Int32
        let words: [String]
        var description: String { "\(pid) \(words.dropFirst().joined(separator: " "))" }
    }

    /// Every process whose command line names the directory of this cluster.
    func processes() -> [FoundProcess] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.sorted().compactMap { pid in
            let bytes = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()
            let words = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            return words.contains(directory) ? FoundProcess(pid: pid, words: words) : nil
        }
    }

    var supervisor: FoundProcess? { processes().first { $0.words.contains("_supervise") } }

    private func end() {
        if supervisor != nil { _ = try? roost("down", "--timeout", "30s") }
        let left = processes()
        if !left.isEmpty { Issue.record("processes are left: \(left)") }
        for process in left { kill(process.pid, SIGKILL) }
    }

    // MARK: - What went wrong

    /// The state and the ends of all logs, for a person.
    var diagnosis: String {
        let state = (try? roost("ps"))?.output ?? ""
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory + "/logs").sorted()) ?? []
        let logs = names.map { name in
            let text = FileManager.default.contents(atPath: "\(directory)/logs/\(name)") ?? Data()
            let lines = String(decoding: text, as: UTF8.self).split(separator: "\n").suffix(8)
            return "--- \(name)\n" + lines.map { $0.prefix(400) + "\n" }.joined()
        }
        return state + logs.joined()
    }
}

/// A directory with a short path, gone afterwards; kept when `ROOST_TEST_KEEP` is set.
func withTemporaryDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
    var template = Array("/tmp/rt-XXXXXX".utf8CString)
    let path = template.withUnsafeMutableBufferPointer { buffer in
        buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
    }
    let directory = try #require(path)
    defer {
        if ProcessInfo.processInfo.environment["ROOST_TEST_KEEP"] == nil {
            try? FileManager.default.removeItem(atPath: directory)
        }
    }
    return try body(directory)
}
