import RoostCluster
import Testing

@testable import RoostFaults

@Suite("What becomes of messages")
struct MessageFaultsTests {
    @Test("Without a fault every message passes at once")
    func none() throws {
        #expect(try Self.run([:], messages: 5).delivered == [0, 1, 2, 3, 4])
    }

    @Test("Of a hundred messages about as many are dropped as the rate says, the same with the same seed")
    func drop() throws {
        let first = try Self.run(["kind": "drop", "rate": "30%", "seed": "5"], messages: 100)
        #expect((50...90).contains(first.delivered.count))
        #expect(
            first.effects == ["dropped": Int64(100 - first.delivered.count), "passed": Int64(first.delivered.count)])
        #expect(try Self.run(["kind": "drop", "rate": "30%", "seed": "5"], messages: 100) == first)
        #expect(try Self.run(["kind": "drop", "rate": "30%", "seed": "6"], messages: 100) != first)
        #expect(try Self.run(["kind": "drop"], messages: 100).delivered.isEmpty)
    }

    @Test("The first messages are dropped and no others")
    func dropFirst() throws {
        #expect(try Self.run(["kind": "drop-first", "count": "3"], messages: 6).delivered == [3, 4, 5])
    }

    @Test("A message that is duplicated comes twice in a row")
    func duplicate() throws {
        #expect(try Self.run(["kind": "duplicate"], messages: 2).delivered == [0, 0, 1, 1])
    }

    @Test("A message that is overtaken comes right after the next one, or by itself when none comes")
    func reorder() throws {
        let run = try Self.run(["kind": "reorder"], messages: 5)
        #expect(run.delivered == [1, 0, 3, 2, 4] && run.effects["reordered"] == 2)
    }

    @Test("A corrupt message differs in one bit of one body, and its frames stay as long as they were")
    func corrupt() throws {
        var faults = try Self.faults(["kind": "corrupt"])
        for _ in 0..<50 {
            let message = Self.message(200)
            let passed = try #require(faults.pass(message, at: .zero).first).bytes
            let changed = passed.indices.filter { passed[$0] != message.bytes[$0] }
            let place = try #require(changed.first)
            #expect(changed.count == 1 && (passed[place] ^ message.bytes[place]).nonzeroBitCount == 1)
            #expect(message.bodies.contains { $0.contains(place) })
        }
    }

    @Test("A delay keeps the order, with jitter too, and what the connection says of itself never overtakes")
    func delay() throws {
        var faults = try Self.faults(["kind": "delay", "by": "50ms", "jitter": "40ms"])
        let times = (0..<20).flatMap { faults.pass(Self.message($0), at: .milliseconds(Int($0))).map(\.at) }
        #expect(times.allSatisfy { $0 >= .milliseconds(50) && $0 <= .milliseconds(110) } && times == times.sorted())
        #expect(Set(times).count > 2)
        #expect(faults.passAtOnce([1], at: .zero).at == times.last)
    }

    @Test("What is held back is handed on when its fault is cleared")
    func cleared() throws {
        var faults = try Self.faults(["kind": "reorder"])
        #expect(faults.pass(Self.message(1), at: .zero).isEmpty)
        #expect(faults.deadline == .milliseconds(100))
        #expect(faults.update([], at: .milliseconds(5)) == [.init(bytes: Self.message(1).bytes, at: .milliseconds(5))])
        #expect(faults.deadline == nil)
    }

    private struct Run: Equatable {
        var delivered: [UInt8] = []
        var effects: [String: Int64] = [:]
    }

    private static func run(_ words: [String: String], messages: UInt8) throws -> Run {
        var faults = try faults(words)
        var deliveries = (0..<messages).flatMap { faults.pass(message($0), at: .zero) }
        deliveries += faults.due(at: .seconds(1))
        return Run(
            delivered: deliveries.map { $0.bytes[$0.bytes.count - 1] }, effects: faults.takeEffects()[1] ?? [:])
    }

    private static func faults(_ words: [String: String]) throws -> MessageFaults {
        var faults = MessageFaults(link: "bus orders-0 dashboard")
        guard !words.isEmpty else { return faults }
        let fault = try FaultSpec.parse(words.map { ($0.key, $0.value) })
        _ = faults.update([ActiveFault(id: 1, fault: fault)], at: .zero)
        return faults
    }

    private static func message(_ number: UInt8) -> ZMTPMessage {
        var reader = ZMTPReader()
        let units = reader.read(Wire.greeting() + Wire.message([[7, 7], [number]]))
        for case .message(let message) in units { return message }
        return ZMTPMessage(bytes: [], bodies: [])
    }
}
