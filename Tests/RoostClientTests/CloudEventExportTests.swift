import Foundation
import OtherPrograms
import RoostClient
import RoostCore
import RoostJSON
import RoostTrace
import Testing

@Suite("Chains as CloudEvents", .timeLimit(.minutes(1)))
struct CloudEventExportTests {
    private struct Found: Decodable {
        let id, source, type, subject: String
        let microseconds: Int64
        let content, data: String?
        let extensions: [String: String]
    }

    /// What the library of the format reads.
    private static func read(_ traces: [Trace]) throws -> [Found] {
        let path = NSTemporaryDirectory() + "roost-cloudevents-\(UUID().uuidString)"
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: path) } }
        var lines: [UInt8] = []
        for event in traces.flatMap(\.events) {
            lines += try DocumentText.line(ChainCloudEvent(event, cluster: "shop")) + [10]
        }
        try Data(lines).write(to: URL(fileURLWithPath: path))
        return try JSONDecoder().decode([Found].self, from: PythonScript.run("read_cloudevents.py", path))
    }

    @Test("The library of CloudEvents accepts every event, with its data, its cause and its place")
    func library() async throws {
        let log = try PlantedLog(orders: 3)
        let client = try await log.client()
        let traces = try [
            client.trace(log.events[0].correlation, withData: true),
            client.trace(event: try #require(log.events.last).id, withData: true),
        ]
        #expect(traces[0].correlationID != traces[1].correlationID)
        let found = try Self.read(traces)
        let events = traces.flatMap(\.events)
        #expect(found.map(\.id) == events.map(\.eventID.description) && events.count > 5)
        #expect(found.map(\.type) == events.map(\.type) && found.map(\.subject) == events.map(\.stream))
        #expect(found.map(\.microseconds) == events.map { $0.recordedAt.nanoseconds / 1000 })
        #expect(Set(found.map(\.source)) == ["/roost/shop"] && Set(found.map(\.content)) == ["application/json"])
        for (found, event) in zip(found, events) {
            #expect(try JSONValue.parse(try #require(found.data)) == (try #require(event.data)))
            #expect(found.extensions["correlationid"] == event.correlationID.description)
            #expect(found.extensions["causationid"] == event.causationID?.description)
            #expect(found.extensions["partition"] == event.partition.description)
            #expect(found.extensions["sequence"].flatMap(UInt64.init) == event.position.rawValue)
            #expect(found.extensions["sequence"]?.count == 20)
        }
    }

    @Test("Without a cluster there is no data, and nothing says that there is")
    func withoutData() async throws {
        let found = try Self.read([try await ExportTests.trace()])
        #expect(found.count == 5 && found.allSatisfy { $0.data == nil && $0.content == nil })
    }
}
