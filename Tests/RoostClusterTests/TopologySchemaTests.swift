import Foundation
import Testing

@testable import RoostCluster

@Suite("Topology schema")
struct TopologySchemaTests {
    @Test("The schema for editors and the parser know the same keys")
    func keys() throws {
        let schema = try Schema.load()
        #expect(schema.keys([]) == Set(TopologyKeys.root))
        #expect(schema.keys(["properties", "log"]) == Set(TopologyKeys.log))
        #expect(schema.keys(["properties", "bus"]) == Set(TopologyKeys.bus))
        #expect(schema.keys(["$defs", "group"]) == Set(TopologyKeys.group))
        #expect(schema.keys(["$defs", "process"]) == Set(TopologyKeys.process))
        #expect(schema.keys(["$defs", "restart"]) == Set(TopologyKeys.restart))
        #expect(schema.keys(["$defs", "stop"]) == Set(TopologyKeys.stop))
        #expect(schema.keys(["$defs", "fault"]) == Set(TopologyKeys.fault))
        #expect(schema.keys(["$defs", "failover"]) == Set(TopologyKeys.failover))
        #expect(schema.keys(["$defs", "parking"]) == Set(TopologyKeys.parking))
    }

    @Test("The schema for editors and the parser know the same words")
    func words() throws {
        let schema = try Schema.load()
        let process = ["$defs", "process", "properties", "role"]
        #expect(schema.words(process) == Set(ProcessRole.allCases.map(\.rawValue)))
        let transport = ["properties", "bus", "properties", "transport"]
        #expect(schema.words(transport) == Set(BusSettings.Transport.allCases.map(\.rawValue)))
        let when = ["$defs", "restart", "properties", "when"]
        #expect(schema.words(when) == Set(RestartPolicy.When.allCases.map(\.rawValue)))
        let fault = ["$defs", "fault", "properties"]
        #expect(schema.words(fault + ["kind"]) == Set(FaultKind.allCases.map(\.rawValue)))
        #expect(schema.words(fault + ["link"]) == Set(FaultLink.allCases.map(\.rawValue)))
    }

    @Test("Both topologies name the schema", arguments: ["shop", "tiny"])
    func named(_ name: String) throws {
        let text = try String(contentsOfFile: Repository.file("topology/\(name).yaml"), encoding: .utf8)
        #expect(text.hasPrefix("# yaml-language-server: $schema=topology.schema.json\n"))
    }
}

private struct Schema {
    let root: [String: Any]

    static func load() throws -> Schema {
        let data = try Data(contentsOf: URL(fileURLWithPath: Repository.file("topology/topology.schema.json")))
        return Schema(root: try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any]))
    }

    func node(_ path: [String]) -> [String: Any] {
        path.reduce(root) { node, key in node[key] as? [String: Any] ?? [:] }
    }

    func keys(_ path: [String]) -> Set<String> { Set((node(path)["properties"] as? [String: Any] ?? [:]).keys) }
    func words(_ path: [String]) -> Set<String> { Set(node(path)["enum"] as? [String] ?? []) }
}
