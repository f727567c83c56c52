import Foundation
import Testing

@testable import RoostCluster

@Suite("Supervisor", .serialized, .timeLimit(.minutes(2)))
struct SupervisorTests {
    @Test("A cluster is ready when every process has said so, and not before")
    func ready() throws {
        let slow =
            #"echo '{"ready":false,"waitingFor":"the writer"}'; while [ ! -e "$DIRECTORY/go" ]; do sleep 0.01; done; "#
        try TestCluster.with(TestCluster.topology(projection: slow + TestCluster.good)) { cluster in
            try cluster.wait("others ready") {
                try cluster.process("writer-0").ready && cluster.process("web").ready
                    && cluster.process("board").waitingFor == "the writer"
            }
            #expect(try cluster.state.isReady == false)
            #expect(try cluster.process("board").state == .starting)
            _ = FileManager.default.createFile(atPath: cluster.directory.path + "/go", contents: nil)
            try cluster.waitUntilReady()
            #expect(try cluster.process("board").waitingFor == nil)
        }
    }

    @Test("A process that is not ready in time is named with what it waits for, exit 3")
    func notReady() throws {
        let stuck = #"echo '{"ready":false,"waitingFor":"orders ready 2 of 2, has 1"}'; exec cat >/dev/null"#
        try TestCluster.with(TestCluster.topology(projection: stuck)) { cluster in
            try cluster.wait("said so") { try cluster.process("board").waitingFor != "its first report" }
            let error = #expect(throws: ClusterError.self) {
                try ClusterCommands.waitUntilReady(cluster.directory, timeout: .milliseconds(10))
            }
            #expect(error?.exitCode == 3)
            #expect(error?.message.contains("board (starting) waits for orders ready 2 of 2, has 1") == true)
        }
    }

    @Test("A killed process is started again, and the others are left alone")
    func restartAfterKill() throws {
        try TestCluster.with(TestCluster.topology()) { cluster in
            try cluster.waitUntilReady()
            let (board, writer) = (try cluster.identity("board"), try cluster.identity("writer-0"))
            kill(board.pid, SIGKILL)
            try cluster.wait("restart") { try cluster.process("board").restarts == 1 && cluster.state.isReady }
            let state = try cluster.process("board")
            #expect(state.pid != board.pid)
            #expect(state.lastExit == ProcessState.Exit(signal: 9, reason: "signal 9 (SIGKILL)"))
            #expect(try cluster.identity("writer-0") == writer)
        }
    }

    @Test("A process that says why it cannot go on is left failed with its reason, and the rest goes on")
    func permanentFailure() throws {
        let torn = #"echo '{"ready":false,"reason":"partition 3 has a torn tail"}'; exit 70"#
        try TestCluster.with(TestCluster.topology(writer: torn)) { cluster in
            try cluster.wait("failure") { try cluster.process("writer-0").state == .failed }
            let failed = try cluster.process("writer-0")
            #expect(failed.lastExit == ProcessState.Exit(code: 70, reason: "partition 3 has a torn tail"))
            #expect(failed.restarts == 0 && failed.pid == nil)
            try cluster.wait("rest ready") { try cluster.process("board").ready && cluster.process("web").ready }
            let error = #expect(throws: ClusterError.self) {
                try ClusterCommands.waitUntilReady(cluster.directory, timeout: .seconds(30))
            }
            #expect(error?.exitCode == 3)
            #expect(error?.message == "writer-0 has failed: partition 3 has a torn tail")
        }
    }

    @Test("A process that ends too often is given up with the last reason")
    func crashLoop() throws {
        let extra = ", restart: {max: 2, backoff: 1ms..2ms}"
        try TestCluster.with(TestCluster.topology(projection: "exit 5", extra: extra)) { cluster in
            try cluster.wait("failure") { try cluster.process("board").state == .failed }
            #expect(try cluster.process("board").restarts == 2)
            #expect(try cluster.process("board").lastExit?.reason == "ended 3 times within 1m, last: exit code 5")
        }
    }

    @Test("Down stops the gateway first and the writers last, and leaves no process")
    func orderlyStop() throws {
        let script =
            #"trap 'echo $INSTANCE >>$DIRECTORY/order; exit 0' TERM; sleep 1000 & echo $! >>$DIRECTORY/pids; "#
            + #"echo '{"ready":true}'; cat >/dev/null"#
        try TestCluster.with(TestCluster.topology(writer: script, projection: script, gateway: script)) { cluster in
            try cluster.waitUntilReady()
            let identities = try ["writer-0", "board", "web"].map { try cluster.identity($0) }
            try cluster.down()
            let order = try String(contentsOfFile: cluster.directory.path + "/order", encoding: .utf8)
            #expect(order == "web\nboard\nwriter-0\n")
            #expect(!identities.contains { $0.isAlive } && !cluster.supervisor.isAlive)
            let grandchildren = try String(contentsOfFile: cluster.directory.path + "/pids", encoding: .utf8)
            try cluster.wait("grandchildren gone") {
                grandchildren.split(separator: "\n").allSatisfy { ProcessIdentity(pid: Int32($0) ?? 0) == nil }
            }
            #expect(try cluster.state.isRunning == false)
            #expect(try cluster.state.processes.allSatisfy { $0.state == .stopped && $0.pid == nil })
        }
    }

    @Test("A process that ignores the request to end is killed after its grace")
    func stubborn() throws {
        let stubborn = #"trap '' TERM; echo '{"ready":true}'; while :; do sleep 0.05; done"#
        let topology = TestCluster.topology(projection: stubborn, extra: ", stop: {grace: 50ms}")
        try TestCluster.with(topology) { cluster in
            try cluster.waitUntilReady()
            try cluster.down()
            #expect(try cluster.process("board").lastExit?.signal == SIGKILL)
        }
    }

    @Test("A second signal does not wait for the grace")
    func secondSignal() throws {
        let stubborn = #"trap '' TERM; echo '{"ready":true}'; while :; do sleep 0.05; done"#
        let topology = TestCluster.topology(projection: stubborn, extra: ", stop: {grace: 1h}")
        try TestCluster.with(topology) { cluster in
            try cluster.waitUntilReady()
            kill(cluster.supervisor.pid, SIGINT)
            try cluster.wait("stopping") { try cluster.process("board").state == .stopping }
            kill(cluster.supervisor.pid, SIGINT)
            try cluster.wait("end") { !cluster.supervisor.isAlive }
            #expect(try cluster.process("board").lastExit?.signal == SIGKILL)
        }
    }

    @Test("Children end by themselves when the supervisor is killed, and the cluster can be started again")
    func supervisorKilled() throws {
        try withTemporaryRoot { root in
            let first = try TestCluster.start(TestCluster.topology(), root: root)
            try first.waitUntilReady()
            let children = try ["writer-0", "board", "web"].map { try first.identity($0) }
            kill(first.supervisor.pid, SIGKILL)
            try first.wait("children gone") { !children.contains { $0.isAlive } }
            let second = try TestCluster.start(TestCluster.topology(), root: root)
            try second.waitUntilReady()
            try second.down()
        }
    }

    @Test("What ignores the end of its life pipe is killed before the cluster starts again")
    func staleProcess() throws {
        let deaf = #"echo '{"ready":true}'; while :; do sleep 0.05; done"#
        try withTemporaryRoot { root in
            let first = try TestCluster.start(TestCluster.topology(writer: deaf), root: root)
            try first.waitUntilReady()
            let stale = try first.identity("writer-0")
            kill(first.supervisor.pid, SIGKILL)
            try first.wait("supervisor gone") { !first.supervisor.isAlive }
            #expect(stale.isAlive)
            let second = try TestCluster.start(TestCluster.topology(writer: deaf), root: root)
            #expect(!stale.isAlive)
            try second.waitUntilReady()
            try second.down()
        }
    }

    @Test("A second supervisor is refused with exit code 5, and the first goes on")
    func secondUp() throws {
        try TestCluster.with(TestCluster.topology()) { cluster in
            try cluster.waitUntilReady()
            let error = #expect(throws: ClusterError.self) { try TestCluster.launch(cluster.directory) }
            #expect(error?.exitCode == 5)
            #expect(error?.message.contains("runs already") == true)
            #expect(try cluster.state.isReady && cluster.supervisor.isAlive)
        }
    }

    @Test("When the log refuses, nothing is started and the reason is told with its exit code")
    func logRefuses() throws {
        try withTemporaryRoot { root in
            let error = #expect(throws: ClusterError.self) {
                try TestCluster.start(
                    TestCluster.topology(), root: root, environment: ["REFUSE_LOG": "the log has 8 partitions"])
            }
            #expect(error?.exitCode == 78)
            #expect(error?.message.contains("the log has 8 partitions") == true)
            let state = try ClusterState.read(ClusterDirectory(name: "scripts", root: root))
            #expect(state == nil)
        }
    }

    @Test("A state that could not be written is written once that is possible again")
    func unwrittenState() throws {
        try TestCluster.with(TestCluster.topology()) { cluster in
            try cluster.waitUntilReady()
            let obstacle = cluster.directory.stateFile + ".new"
            try FileManager.default.createDirectory(atPath: obstacle, withIntermediateDirectories: false)
            let board = try cluster.identity("board")
            kill(board.pid, SIGKILL)
            try cluster.wait("complaint") {
                FileSize.text(of: cluster.directory.logFile(of: "supervisor"), from: 0).contains("cannot be written")
            }
            #expect(try cluster.identity("board") == board)
            #expect(rmdir(obstacle) == 0)
            try cluster.wait("state") { try cluster.process("board").restarts == 1 }
        }
    }

    @Test("Every child has a process group of its own, so Ctrl-C reaches the supervisor alone")
    func processGroups() throws {
        try TestCluster.with(TestCluster.topology()) { cluster in
            try cluster.waitUntilReady()
            for name in ["writer-0", "board", "web"] {
                let pid = try cluster.identity(name).pid
                #expect(getpgid(pid) == pid)
            }
        }
    }
}
