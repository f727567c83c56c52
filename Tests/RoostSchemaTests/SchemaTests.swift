import RoostCore
import RoostJSON
import RoostSchema
import Testing

private enum Size: String, Codable, CaseIterable { case small, large }
private struct Item: Codable {
    var sku: String
    var count: Int
}
private struct Sent: PublicEvent {
    static let type = "Sent"
    static let summary = "Something was sent."
    static let sample = Sent(
        order: "order/1", note: nil, items: [], size: .small, weight: 1.5, labels: [:], urgent: true)
    var order: String
    var note: String?
    var items: [Item]
    var size: Size
    var weight: Double
    var labels: [String: Int]
    var urgent: Bool
    var subject: String { order }
}

@Suite("JSON Schema of a public event")
struct SchemaTests {
    @Test("Is read off the type: kinds of values, lists, closed lists, and what may be missing")
    func derived() throws {
        let schema = try PublicSchema(Sent.self)
        guard case .object(let fields) = schema.shape else { throw UnreadableSchema("no object") }
        let shapes = Dictionary(uniqueKeysWithValues: fields.map { ($0.name, $0) })
        #expect(fields.count == 7 && fields.filter { !$0.isRequired }.map(\.name) == ["note"])
        #expect(shapes["size"]?.shape == .choice(["small", "large"]))
        #expect(shapes["labels"]?.shape == .dictionary(.integer))
        #expect(shapes["weight"]?.shape == .number && shapes["urgent"]?.shape == .bool)
        guard case .array(.object(let item)) = shapes["items"]?.shape else { throw UnreadableSchema("no list") }
        #expect(item.map(\.name) == ["sku", "count"] && item.map(\.shape) == [.string, .integer])
    }

    @Test("Survives being written and read")
    func roundTrip() throws {
        let schema = try PublicSchema(Sent.self)
        let read = try PublicSchema(JSONValue.parse(Array(schema.document.prettyPrinted.utf8)))
        #expect(read.shape == schema.shape && read.type == "Sent" && read.version == 1)
    }

    private struct Tree: Codable { var children: [Tree] }
    private enum Either: Codable { case left(Int), right(String) }

    @Test("A type that has no schema is refused by name")
    func refused() {
        for attempt in [{ _ = try Shape(of: Tree.self) }, { _ = try Shape(of: Either.self) }] {
            #expect(throws: UnreadableSchema.self) { try attempt() }
        }
    }
}

@Suite("Changes of public events")
struct BreakingChangeTests {
    private static func schema(
        _ fields: [(String, String, required: Bool)], version: Int64 = 1, type: String = "T"
    ) throws -> PublicSchema {
        var properties = JSONObject()
        for (name, kind, _) in fields { properties[name] = ["type": .string(kind)] }
        return try PublicSchema([
            "title": .string(type), "x-roost-version": .integer(version), "type": "object",
            "properties": .object(properties),
            "required": .array(fields.filter(\.required).map { .string($0.0) }),
        ])
    }

    private static func changes(_ old: [PublicSchema], _ new: PublicSchema) -> [String] {
        BreakingChange.find(from: old, to: [new]).map { "\($0.breaks): \($0.problem)" }
    }

    @Test("A new optional field breaks nobody")
    func optional() throws {
        let old = try Self.schema([("a", "string", true)])
        let new = try Self.schema([("a", "string", true), ("b", "integer", false)])
        #expect(Self.changes([old], new) == [])
    }

    @Test("A new required field breaks who reads old events, in every earlier version")
    func required() throws {
        let first = try Self.schema([("a", "string", true)])
        let second = try Self.schema([("a", "string", true), ("b", "integer", true)], version: 2)
        let third = try Self.schema([("a", "string", true), ("b", "integer", true)], version: 3)
        #expect(Self.changes([first, second], third) == ["newReaders: b is required and not there"])
    }

    @Test("A removed field breaks old readers within a version, and nobody in a new one")
    func removed() throws {
        let old = try Self.schema([("a", "string", true), ("b", "string", true)])
        #expect(
            Self.changes([old], try Self.schema([("a", "string", true)])) == [
                "oldReaders: b is required and not there"
            ])
        #expect(Self.changes([old], try Self.schema([("a", "string", true)], version: 2)) == [])
    }

    @Test("Another kind of value, a lower version and an event that is gone break everybody who reads it")
    func changed() throws {
        let old = try Self.schema([("a", "string", true)], version: 2)
        let new = try Self.schema([("a", "integer", true)], version: 3)
        #expect(Self.changes([old], new) == ["newReaders: a is a text, expected an integer"])
        #expect(Self.changes([old], try Self.schema([("a", "string", true)])).first?.hasPrefix("everybody") == true)
        #expect(Self.changes([old], try Self.schema([], type: "Other")) == ["everybody: is not published any more"])
    }

    @Test("A number may have been an integer, and a text one of a list; not the other way round")
    func widened() {
        #expect(Shape.number.obstacles(reading: .integer) == [])
        #expect(Shape.integer.obstacles(reading: .number) == ["the whole is a number, expected an integer"])
        #expect(Shape.string.obstacles(reading: .choice(["a"])) == [])
        #expect(Shape.choice(["a", "b"]).obstacles(reading: .choice(["b", "c"])) == ["the whole may be c"])
        #expect(Shape.array(.integer).obstacles(reading: .array(.string)).count == 1)
    }
}
