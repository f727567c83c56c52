import Foundation
import Testing

extension ProcessTests {
    @Suite("Faults of processes", .serialized, .timeLimit(.minutes(3)))
    struct ProcessFaultTests {
        @Test("A paused process does nothing, stays paused over its restart, and goes on where it was when cleared")
        func pause() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                let answer = try cluster.addFault("pause --process dashboard")
                #expect(answer.contains("next: roost fault clear 1"))
                let paused = try cluster.wait("paused", for: "dashboard") { $0.state == "paused" }
                #expect(!paused.ready && paused.waitingFor?.contains("roost fault clear 1") == true)
                var source = SeededOrders("pause")
                let orders = source.next(40)
                try cluster.load(orders, name: "paused")
                try cluster.addFault("kill --process dashboard")
                let again = try cluster.wait("started again", for: "dashboard") {
                    $0.restarts == 1 && $0.state == "paused"
                }
                #expect(again.pid != paused.pid && again.lastExit?.signal == SIGKILL)
                // It was stopped before it could say anything.
                #expect(again.counters.isEmpty && again.endpoints.isEmpty)
                #expect(try cluster.faults().map(\.fault) == [["kind": "pause", "process": "dashboard"]])
                let cleared = try cluster.clearFault(1)
                #expect(cleared.contains("cleared 1: pause process dashboard"))
                try cluster.wait("ready", for: "dashboard") { $0.ready }
                try cluster.expectNothingLostNothingTwice(orders)
                #expect(try cluster.faults().isEmpty)
            }
        }

        @Test("ps says that a fault holds until it is cleared; what was added and cleared comes as JSON, too")
        func shown() throws {
            try ClusterUnderTest.with(.shop(), allowsFaults: true) { cluster in
                let added = try cluster.roost("fault", "add", "pause", "--process", "search", "--json").expecting(0)
                    .document(FaultChangeReport.self)
                #expect(added.change == "added" && added.faults.map(\.fault["process"]) == ["search"])
                let text = try cluster.roost("ps").expecting(0).output
                #expect(text.contains("1 fault holds: roost fault ls"), "\(text)")
                #expect(try cluster.ps().faults == ["1: pause process search"])
                let cleared = try cluster.roost("fault", "clear", "1", "--json").expecting(0)
                    .document(FaultChangeReport.self)
                #expect(cleared.change == "cleared" && cleared.faults.map(\.id) == [1])
                #expect(try cluster.ps().faults == [] && !cluster.roost("ps").output.contains("fault"))
            }
        }

        @Test("Kill and restart happen once to every replica of a process, and nothing is left to clear")
        func once() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                let before = try cluster.ps().processes
                let orders = try OrderFlow.loading(cluster).during("once") {
                    try cluster.waitForNewEvents(20)
                    try cluster.addFault("kill --process orders")
                    for name in ["orders-0", "orders-1"] {
                        let back = try cluster.wait("back", for: name) { $0.ready && $0.restarts == 1 }
                        #expect(back.lastExit?.signal == SIGKILL)
                    }
                    try cluster.addFault("restart --process stock")
                    let stock = try cluster.process("stock-0")
                    #expect(stock.ready && stock.lastExit?.code == 0)
                    #expect(stock.pid != before.first { $0.name == "stock-0" }?.pid)
                }
                #expect(try cluster.clearFault() == "there was no fault to clear\n")
                try cluster.expectNothingLostNothingTwice(orders)
            }
        }

        @Test("What cannot be added or cleared is refused with the reason and the next command")
        func refusals() throws {
            try ClusterUnderTest.with(.tiny()) { cluster in
                try Self.expectRefusal(cluster, "add pause --process dashbord", 4, "did you mean 'dashboard'")
                try Self.expectRefusal(cluster, "add puase --process dashboard", 64, "did you mean 'pause'")
                try Self.expectRefusal(cluster, "add pause", 64, "needs 'process'")
                try Self.expectRefusal(cluster, "add full-disk --process gateway", 64, "gateway is of role gateway")
                try Self.expectRefusal(cluster, "add full-disk --process writer", 5, "--faults")
                try Self.expectRefusal(cluster, "clear 7", 4, "there is no fault 7")
            }
        }

        private static func expectRefusal(
            _ cluster: ClusterUnderTest, _ words: String, _ code: Int32, _ says: String
        ) throws {
            let command = try cluster.begin(["fault"] + words.split(separator: " ").map(String.init))
            let errors = try command.finish().expecting(code).errors
            #expect(errors.contains(says), "\(errors)")
        }

        @Test("No paused process outlives its cluster, whether that is stopped or its supervisor killed")
        func ends() throws {
            let topology = try TestTopology.tiny()
            let faults = "faults: [{kind: pause, process: fulfilment}]\n"
            let paused = TestTopology(name: topology.name, text: topology.text + faults)
            try ClusterUnderTest.with(paused, isStarted: false) { cluster in
                for isKilled in [false, true] {
                    try cluster.roost("up", cluster.topologyFile, "-d").expecting(0)
                    try cluster.wait("paused from the start", for: "fulfilment") { $0.state == "paused" }
                    try cluster.wait("ready", for: "dashboard") { $0.ready }
                    if isKilled {
                        try #require(kill(try #require(cluster.supervisor).pid, SIGKILL) == 0)
                    } else {
                        try cluster.down()
                    }
                    try eventually("nothing is left") { cluster.processes().isEmpty }
                }
            }
        }
    }
}
