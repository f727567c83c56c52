import Foundation
import Testing

@testable import RoostCluster

@Suite("Requests to the supervisor", .serialized, .timeLimit(.minutes(2)))
struct ControlTests {
    @Test("Stop returns when the process has ended, start when it is ready")
    func stopAndStart() throws {
        try TestCluster.with(TestCluster.topology()) { cluster in
            try cluster.waitUntilReady()
            let before = try cluster.identity("board")
            #expect(try ask(cluster, .stop, "board").ok)
            #expect(!before.isAlive)
            try cluster.wait("state") { try cluster.process("board").state == .stopped }
            #expect(try ask(cluster, .start, "board").ok)
            try cluster.wait("ready") { try cluster.process("board").ready }
        }
    }

    @Test("Restart brings all replicas of a process back with other process IDs")
    func restart() throws {
        try TestCluster.with(TestCluster.topology()) { cluster in
            try cluster.waitUntilReady()
            let before = try cluster.identity("writer-0")
            #expect(try ask(cluster, .restart, "writer").ok)
            try cluster.wait("another process") { try cluster.state.isReady && cluster.identity("writer-0") != before }
        }
    }

    @Test("Starting what fails again is answered with the reason")
    func startFails() throws {
        let torn = #"echo '{"ready":false,"reason":"a torn tail"}'; exit 70"#
        try TestCluster.with(TestCluster.topology(projection: torn)) { cluster in
            try cluster.wait("failure") { try cluster.process("board").state == .failed }
            let result = try ask(cluster, .start, "board")
            #expect(result == .refused(.failed, "board is not ready: a torn tail"))
        }
    }

    @Test("An unknown name is not found, with the name that was meant")
    func unknown() throws {
        try TestCluster.with(TestCluster.topology()) { cluster in
            let result = try ask(cluster, .stop, "bord")
            #expect(result.exitCode == 4 && result.message.contains("did you mean 'board'"))
        }
    }

    @Test("Kill sends the signal, and the process comes back by itself")
    func kill() throws {
        try TestCluster.with(TestCluster.topology()) { cluster in
            try cluster.waitUntilReady()
            #expect(try ask(cluster, .kill, "board").ok)
            try cluster.wait("back") { try cluster.process("board").restarts == 1 && cluster.state.isReady }
        }
    }

    @Test("A task runs beside the cluster; its lines and its exit code arrive, and it leaves nothing behind")
    func task() throws {
        let script =
            #"[ -z "$ARGUMENTS" ] || { echo '{"ready":false,"progress":"half"}'; echo "{\"args\":\"$ARGUMENTS\"}"; exit 2; }; "#
        try TestCluster.with(TestCluster.topology(projection: script + TestCluster.good)) { cluster in
            try cluster.waitUntilReady()
            let live = try cluster.identity("board")
            var lines: [String] = []
            let request = ControlRequest(.run, target: "board", task: "rebuild", arguments: ["--swap", "now"])
            let result = try ControlClient.perform(request, in: cluster.directory) { lines.append($0) }
            #expect(lines == [#"{"ready":false,"progress":"half"}"#, #"{"args":"--swap now"}"#])
            #expect(result.exitCode == 2 && !result.ok)
            #expect(try cluster.identity("board") == live)
            try cluster.wait("task gone") { try cluster.state.processes.count == 3 }
        }
    }

    @Test("The same task does not run twice at a time, and ends with the cluster")
    func oneTask() throws {
        let script = #"[ -z "$ARGUMENTS" ] || { echo '{"ready":false,"progress":"10 %"}'; exec cat >/dev/null; }; "#
        try TestCluster.with(TestCluster.topology(projection: script + TestCluster.good)) { cluster in
            try cluster.waitUntilReady()
            let request = ControlRequest(.run, target: "board", task: "rebuild", arguments: ["long"])
            let directory = cluster.directory
            Thread { _ = try? ControlClient.perform(request, in: directory) }.start()
            try cluster.wait("task") {
                try cluster.state.processes.contains { $0.name == "board@rebuild" && $0.waitingFor == "10 %" }
            }
            #expect(try ControlClient.perform(request, in: directory).exitCode == 5)
            #expect(try cluster.state.isReady)
            let task = try cluster.identity("board@rebuild")
            try cluster.down()
            #expect(!task.isAlive)
        }
    }

    @Test("Whoever waits for a process that does not get ready is told so in time")
    func patience() throws {
        try TestCluster.with(TestCluster.topology(projection: "exec cat >/dev/null")) { cluster in
            try cluster.wait("board starts") { try cluster.process("board").state == .starting }
            let error = #expect(throws: ClusterError.self) {
                try ControlClient.perform(
                    ControlRequest(.restart, target: "board"), in: cluster.directory, patience: .milliseconds(200))
            }
            #expect(error?.code == .notReady && error?.message.contains("board (starting)") == true)
        }
    }

    @Test("Garbage on the control socket is answered, and the supervisor goes on")
    func garbage() throws {
        try TestCluster.with(TestCluster.topology()) { cluster in
            try cluster.waitUntilReady()
            let descriptor = try UnixSocket.connect(to: cluster.directory.controlSocket)
            defer { close(descriptor) }
            try FileText.writeAll(Array("\u{0}\u{1}{]\n".utf8), to: descriptor)
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = read(descriptor, &buffer, buffer.count)
            #expect(String(decoding: buffer.prefix(max(0, count)), as: UTF8.self).contains("\"exitCode\":64"))
            #expect(try ask(cluster, .restart, "board").ok)
        }
    }

    @Test("What a process prints besides its status is in its log, with its errors")
    func logs() throws {
        let script = #"echo stray; echo '2026-11-23T10:00:00Z error line' >&2; "#
        try TestCluster.with(TestCluster.topology(projection: script + TestCluster.good)) { cluster in
            try cluster.waitUntilReady()
            var logs = try ClusterLogs(cluster.directory, targets: ["board"])
            var lines: [String] = []
            try cluster.wait("both lines") {
                lines += try logs.next().map(\.text)
                return lines.count >= 2
            }
            #expect(Set(lines) == ["stray", "2026-11-23T10:00:00Z error line"])
            #expect(try logs.next().isEmpty)
        }
    }

    private func ask(_ cluster: TestCluster, _ action: ControlRequest.Action, _ target: String) throws -> ControlResult
    {
        try ControlClient.perform(ControlRequest(action, target: target), in: cluster.directory)
    }
}
