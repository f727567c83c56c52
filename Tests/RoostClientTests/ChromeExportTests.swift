import Foundation
import RoostClient
import RoostCore
import RoostTrace
import Testing

@Suite("Chains for Perfetto")
struct ChromeExportTests {
    private struct Document: Decodable {
        struct Entry: Decodable {
            let ph, name: String
            let pid, tid: Int
            let ts: Double?
            let cat, id, bind_id: String?
            let flow_in, flow_out: Bool?
            let args: [String: String]?
        }
        let traceEvents: [Entry]
    }

    private static func traces() async throws -> [Trace] {
        let log = try PlantedLog(orders: 3)
        let client = try await log.client()
        return try Set(log.events.map(\.correlation)).sorted().map { try client.trace($0) }
    }

    private static func entries(_ traces: [Trace]) throws -> [Document.Entry] {
        try JSONDecoder().decode(Document.self, from: Data(DocumentText.line(ChromeTrace(traces)))).traceEvents
    }

    @Test("Every event is one slice that begins before it ends, in one place that has a name")
    func slices() async throws {
        let traces = try await Self.traces()
        let events = traces.flatMap(\.events)
        let entries = try Self.entries(traces)
        let slices = Dictionary(grouping: entries.filter { $0.ph != "M" }) { $0.id ?? "none" }
        #expect(traces.count == 3 && Set(slices.keys) == Set(events.map(\.eventID.description)))
        let named = Set(entries.filter { $0.name == "thread_name" }.map { [$0.pid, $0.tid] })
        let processes = Set(entries.filter { $0.name == "process_name" }.map(\.pid))
        for slice in slices.values {
            let begin = try #require(slice.first)
            let end = try #require(slice.last)
            #expect(slice.map(\.ph) == (slice.count == 2 ? ["b", "e"] : ["b", "n", "e"]))
            #expect(try #require(begin.ts) < #require(end.ts))
            #expect(Set(slice.map { [$0.name, $0.cat] }).count == 1 && Set(slice.map { [$0.pid, $0.tid] }).count == 1)
            #expect(named.contains([begin.pid, begin.tid]) && processes.contains(begin.pid))
        }
    }

    @Test("An arrow leaves the slice of every cause, and arrives in the slices of its effects, never before it left")
    func arrows() async throws {
        let traces = try await Self.traces()
        let entries = try Self.entries(traces)
        let leaving = entries.filter { $0.flow_out == true }
        let arriving = entries.filter { $0.flow_in == true }
        let events = traces.flatMap(\.events)
        #expect(leaving.allSatisfy { $0.bind_id == $0.id })
        #expect(Set(leaving.compactMap(\.id)).count == leaving.count)
        let expected = events.compactMap { event in
            event.causationID.map { [$0.description, event.eventID.description] }
        }
        #expect(Set(arriving.map { [$0.bind_id ?? "", $0.id ?? ""] }) == Set(expected) && !expected.isEmpty)
        let ends = Dictionary(uniqueKeysWithValues: entries.filter { $0.ph == "e" }.map { ($0.id, $0.ts) })
        let left = Dictionary(uniqueKeysWithValues: leaving.map { ($0.bind_id, $0) })
        for arrow in arriving {
            let start = try #require(left[arrow.bind_id])
            #expect(try #require(start.ts) <= #require(arrow.ts))
            #expect(try #require(start.ts) <= #require(ends[start.id] ?? nil))
        }
    }

    @Test("An effect that another clock recorded before its cause has a slice, and no arrow that goes back in time")
    func disagreeingClocks() async throws {
        var log = try PlantedLog(orders: 1)
        let places = log.events.map { PlantedLog.placement.partition(of: $0.event.stream) }
        // In one partition recorded times never go back.
        let effect = try #require(places.firstIndex { $0 != places[0] })
        #expect(log.events[effect].cause != nil)
        log.events[effect].recorded = log.events[0].recorded + .seconds(-1)
        let trace = try await log.client().trace(log.events[0].correlation)
        let entries = try Self.entries([trace])
        let id = log.events[effect].id.description
        #expect(entries.filter { $0.id == id }.map(\.ph).first == "b")
        #expect(!entries.contains { $0.id == id && $0.flow_in == true })
        let times = entries.compactMap(\.ts)
        #expect(times.allSatisfy { $0 >= 0 })
    }
}
