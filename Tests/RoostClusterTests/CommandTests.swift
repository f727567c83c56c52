import Foundation
import RoostCore
import Testing

@testable import RoostCluster

@Suite("Cluster commands")
struct CommandTests {
    private let known = Topology.KnownNames(categories: ["a"], reactors: [], projections: ["board"])

    private func request(_ root: String, _ text: String, fresh: Bool = false) throws -> ClusterCommands.UpRequest {
        let file = root + "/t.yaml"
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        return ClusterCommands.UpRequest(topologyFile: file, root: root, fresh: fresh, known: known)
    }

    @Test("A broken topology is refused with exit code 78 before anything is made")
    func invalid() throws {
        try withTemporaryRoot { root in
            let request = try request(root, TopologyText.minimal.replacing("role: aggregate", with: "role: writer"))
            let error = #expect(throws: ClusterError.self) { try ClusterCommands.prepare(request) }
            #expect(error?.exitCode == 78)
            #expect(!FileManager.default.fileExists(atPath: root + "/minimal"))
        }
    }

    @Test("A topology that moves a category is refused with the difference")
    func moved() throws {
        try withTemporaryRoot { root in
            let first = try ClusterCommands.prepare(try request(root, TopologyText.minimal))
            _ = FileManager.default.createFile(atPath: first.directory.log + "/events", contents: nil)
            let more = TopologyText.minimal.replacing("partitions: 1", with: "partitions: 2")
                .replacing("partitions: 0", with: "partitions: 0-1")
            let changed = try request(root, more)
            let error = #expect(throws: ClusterError.self) { try ClusterCommands.prepare(changed) }
            #expect(error?.exitCode == 78)
            #expect(
                error?.message.contains("category 'a' lies on partition 0, the topology puts it on partitions 0-1")
                    == true)
        }
    }

    @Test("A topology may change until there is a log")
    func changedBeforeLog() throws {
        try withTemporaryRoot { root in
            _ = try ClusterCommands.prepare(try request(root, TopologyText.minimal))
            let two = TopologyText.minimal.replacing("partitions: 1", with: "partitions: 2")
            let changed = try request(root, two.replacing("partitions: 0", with: "partitions: 0-1"))
            #expect(try ClusterCommands.prepare(changed).topology.partitionCount == 2)
        }
    }

    @Test("A cluster's name cannot lead out of the directory of clusters", arguments: ["../x", "a/b", "", "A", ".old"])
    func badName(_ name: String) throws {
        try withTemporaryRoot { root in
            var request = try request(root, TopologyText.minimal)
            request.clusterName = name
            let error = #expect(throws: ClusterError.self) { try ClusterCommands.prepare(request) }
            #expect(error?.exitCode == 64)
        }
    }

    @Test("Fresh moves the old data aside and loses nothing")
    func fresh() throws {
        try withTemporaryRoot { root in
            let first = try ClusterCommands.prepare(try request(root, TopologyText.minimal))
            _ = FileManager.default.createFile(atPath: first.directory.log + "/events", contents: Data("kept".utf8))
            let again = try request(root, TopologyText.minimal, fresh: true)
            #expect(try ClusterCommands.hasData(again))
            let second = try ClusterCommands.prepare(again)
            let aside = try #require(second.movedAside)
            #expect(aside.hasPrefix(first.directory.path + ".old-"))
            #expect(try String(contentsOfFile: aside + "/log/events", encoding: .utf8) == "kept")
            #expect(try FileManager.default.contentsOfDirectory(atPath: second.directory.log).isEmpty)
            #expect(Clusters.all(root: root).map(\.name) == ["minimal"])
        }
    }

    @Test("Doctor finds a busy port, an old library and a directory that cannot be made")
    func doctor() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        #expect(listen(listener, 1) == 0)
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            _ = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
        }
        let versions = Doctor.Versions(zeroMQ: "3.2.5", sqlite: "3.40.1")
        let port = UInt16(bigEndian: address.sin_port)
        let checks = Doctor(root: "/proc/none", versions: versions, port: port).run()
        let status = Dictionary(uniqueKeysWithValues: checks.map { ($0.id, $0.status) })
        #expect(status["port"] == .fail && status["zeromq"] == .fail && status["sqlite"] == .ok)
        #expect(checks.filter { $0.status == .fail }.allSatisfy { $0.fix != nil })
    }

    @Test("The ps document has every key of its contract, with null where there is nothing")
    func psKeys() throws {
        let topology = try Topology.load(file: Repository.file("topology/tiny.yaml"))
        let state = ClusterState(
            cluster: "tiny", supervisor: ProcessIdentity(pid: 1, startTime: 1), gateway: nil, logID: "",
            isRunning: true,
            processes: Fleet(topology.instances).processes.map(\.state))
        let text = String(decoding: try JSONText.line(PsDocument(state, faults: [])), as: UTF8.self)
        #expect(text.contains(#""gateway":null"#) && text.contains(#""schema":"roost.ps/1""#))
        let keys = [
            "name", "role", "pid", "state", "ready", "restarts", "lastExit", "waitingFor", "endpoints", "counters",
            "partitions", "faults",
        ]
        #expect(keys.allSatisfy { text.contains("\"\($0)\":") })
    }
}
