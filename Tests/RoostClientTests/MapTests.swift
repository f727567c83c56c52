import Foundation
import RoostClient
import RoostCore
import RoostTrace
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite("The process map")
struct MapTests {
    private static func map() async throws -> ProcessMap {
        var log = try PlantedLog(orders: 12)
        log.delay(try log.index(of: "InventoryDecremented", 5), by: .seconds(31))
        return try await log.client().processMap { _, _ in }
    }

    @Test("has every pair of cause and effect with its count and times, and where chains begin and end")
    func edges() async throws {
        let map = try await Self.map()
        #expect(map.chains == 12)
        #expect(
            map.edges.map { "\($0.from) \($0.to) \($0.count)" } == [
                "OrderShipped InventoryDecremented 24", "OrderPaid OrderShipped 12", "OrderPlaced OrderPaid 12",
            ])
        #expect(map.edges[0].median < 10_000_000 && map.edges[0].p99 > 31_000_000_000)
        #expect(map.nodes.first { $0.type == "OrderPlaced" }?.starts == 12)
        #expect(map.nodes.first { $0.type == "InventoryDecremented" }?.ends == 24)
        #expect(map.nodes.reduce(0) { $0 + $1.count } == map.events)
    }

    @Test("is drawn as Mermaid, DOT and well-formed SVG with every type and every arrow")
    func drawings() async throws {
        let map = try await Self.map()
        let text = ProcessMapText(map)
        #expect(text.mermaid.hasPrefix("flowchart LR\n"))
        #expect(text.mermaid.contains(#"n0["InventoryDecremented<br/>24"]"#))
        #expect(text.mermaid.matches(of: /n\d -->\|"\d+ · [^"]+"\| n\d/).count == map.edges.count)
        #expect(text.dot.hasPrefix("digraph process {"))
        #expect(
            text.dot.matches(of: /"\w+" -> "\w+" \[label="\d+\\n[^"]+", penwidth=[\d.]+\];/).count == map.edges.count)
        let svg = ProcessMapPicture(map).svg
        let shapes = try Shapes(of: svg)
        #expect(shapes.texts.isSuperset(of: map.nodes.map(\.type)))
        #expect(shapes.arrows == map.edges.count)
    }

    @Test("is summed up by what chains begin with, and the slowest ones are named")
    func summary() async throws {
        var log = try PlantedLog(orders: 12)
        let delayed = try log.index(of: "InventoryDecremented", 5)
        let slow = log.events[delayed].correlation
        log.delay(delayed, by: .seconds(31))
        let summary = try await log.client().chainSummary(slowest: 2) { _, _ in }
        #expect(summary.kinds.map(\.type) == ["OrderPlaced"])
        #expect(summary.kinds[0].chains == 12 && summary.kinds[0].events == 60)
        #expect(summary.kinds[0].median < 10_000_000 && summary.kinds[0].p99 > 31_000_000_000)
        #expect(summary.kinds[0].slowestStep == "OrderShipped → InventoryDecremented")
        #expect(summary.slowest.count == 2 && summary.slowest[0].correlationID == slow)
        #expect(summary.slowest[0].duration > summary.slowest[1].duration)
    }

    @Test("A trace shows only what led to an event, or what it led to, and still says what is missing")
    func parts() async throws {
        var log = try PlantedLog(orders: 2)
        let trace = try await log.client().trace(log.events[0].correlation)
        let shipped = try #require(trace.events.first { $0.type == "OrderShipped" })
        let up = trace.showing(.causes(of: shipped.eventID))
        #expect(up.events.map(\.type) == ["OrderPlaced", "OrderPaid", "OrderShipped"])
        let down = trace.showing(.effects(of: shipped.eventID))
        #expect(down.events.map(\.type) == ["OrderShipped", "InventoryDecremented", "InventoryDecremented"])
        #expect(down.lines.count == 3 && down.lines.allSatisfy { !$0.causeIsMissing })
        log.events.remove(at: try log.index(of: "OrderPaid", 0))
        let torn = try await log.client().trace(log.events[0].correlation)
        #expect(torn.lines.filter(\.causeIsMissing).map(\.event.type) == ["OrderShipped"])
        #expect(torn.showing(.effects(of: shipped.eventID)).missingCauses.count == 1)
    }

    @Test(
        "says durations as people do",
        arguments: [
            (999, "999 ns"), (1500, "1.5 µs"), (12_340_000, "12 ms"), (999_000_000, "999 ms"), (1_500_000_000, "1.5 s"),
            (125_000_000_000, "2.0 min"), (7_200_000_000_000, "2.0 h"), (-2_000_000, "-2.0 ms"), (.min, "-106751 d"),
        ])
    func durations(_ nanoseconds: Int64, _ words: String) { #expect(ProcessMap.words(nanoseconds) == words) }
}

/// What an SVG document draws.
private final class Shapes: NSObject, XMLParserDelegate {
    private(set) var texts: Set<String> = []
    private(set) var arrows = 0
    private var text: String?

    init(of svg: String) throws {
        super.init()
        let parser = XMLParser(data: Data(svg.utf8))
        parser.delegate = self
        guard parser.parse() else { throw parser.parserError ?? CocoaError(.fileReadCorruptFile) }
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String] = [:]
    ) {
        if name == "text" { text = "" }
        if attributes["marker-end"] != nil { arrows += 1 }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text? += string }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        if name == "text", let text { texts.insert(text) }
    }
}
