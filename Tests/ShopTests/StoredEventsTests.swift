import Foundation
import Roost
import RoostTesting
import Shop
import Testing

/// The golden corpus: a line for every shape in which an event of the shop was ever stored, and what it is today. Lines are
/// added, never changed: old logs hold these bytes.
@Suite("Stored events of every version")
struct StoredEventsTests {
    private struct Line: Decodable {
        struct Part: Decodable { let type: String }
        let category: String
        let type: String
        let schemaVersion: UInt32
        let becomes: [Part]
        /// The text of the line, from which payloads are taken as they stand.
        var text = ""

        private enum CodingKeys: String, CodingKey { case category, type, schemaVersion, becomes }

        var kind: EventKind { EventKind(type, schemaVersion) }
    }

    private static func lines() throws -> [Line] {
        let file = try #require(Bundle.module.url(forResource: "golden-events", withExtension: "jsonl"))
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { text in
            var line = try JSONDecoder().decode(Line.self, from: Data(text.utf8))
            line.text = String(text)
            return line
        }
    }

    @Test("Every kind that a log may hold has a sample in the corpus")
    func complete() throws {
        let kinds = try UpcasterSpec<Order>().kinds + UpcasterSpec<Stock>().kinds + UpcasterSpec<Customer>().kinds
        #expect(kinds.count >= 11)
        let sampled = Set(try Self.lines().map(\.kind))
        #expect(sampled == Set(kinds))
    }

    @Test("Every stored sample is read as the events that the corpus says")
    func upcast() throws {
        for line in try Self.lines() {
            switch line.category {
            case Order.category: try check(line, as: Order.self)
            case Stock.category: try check(line, as: Stock.self)
            default: try check(line, as: Customer.self)
            }
        }
    }

    private func check<Subject: Aggregate & SendableMetatype>(_ line: Line, as type: Subject.Type) throws {
        let payloads = try line.text.payloads()
        let stored = UpcasterSpec<Subject>().given(line.type, version: line.schemaVersion, payloads[0])
        let events = try stored.events.map(\.payload)
        #expect(events.map { Swift.type(of: $0).type } == line.becomes.map(\.type))
        for (event, expected) in zip(events, payloads.dropFirst()) {
            #expect(try canonical(JSONEncoder().encode(event)) == canonical(Data(expected.utf8)), "\(line.kind)")
        }
        #expect(events.count == payloads.count - 1)
    }

    private func canonical(_ json: Data) throws -> Data {
        try JSONSerialization.data(withJSONObject: JSONSerialization.jsonObject(with: json), options: .sortedKeys)
    }
}

extension String {
    /// Every value of a key `payload`, as it is written. Payloads hold no braces in texts.
    fileprivate func payloads() throws -> [String] {
        try components(separatedBy: #""payload":"#).dropFirst().map { rest in
            var depth = 0
            for index in rest.indices {
                depth += rest[index] == "{" ? 1 : rest[index] == "}" ? -1 : 0
                if depth == 0 { return String(rest[...index]) }
            }
            throw SpecFailure("a payload does not end")
        }
    }
}
