import Foundation
import Testing

@Suite("A chain that would go on for ever", .timeLimit(.minutes(3)))
struct LoopTests {
    @Test("stops at the deepest step that is allowed, is parked there, and shows where")
    func loop() async throws {
        let loop = try Tool("LoopExample")
        defer { #expect(throws: Never.self) { try loop.remove() } }
        #expect(try await loop.run("up", "Tests/LoopExample/loop.yaml", "-d", "--wait").code == 0)
        #expect(try await loop.run("send", "HitBall", "{}", "--to", "side/left").code == 0)
        var parked: [[String: Any]] = []
        for _ in 0..<600 where parked.isEmpty {
            parked = try await loop.run("parked", "--json").document()["commands"] as? [[String: Any]] ?? []
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(parked.count == 1 && parked.first?["code"] as? String == "chainTooDeep")
        #expect(parked.first?["reactor"] as? String == "players")
        let event = try #require(parked.first?["eventID"] as? String)
        let trace = try await loop.run("trace", event, "--json").document()
        let events = try #require(trace["events"] as? [[String: Any]])
        #expect(events.count == 1001 && trace["complete"] as? Bool == true)
        #expect(events.last?["eventID"] as? String == event && events.last?["depth"] as? Int == 1000)
        let rejected = try #require(trace["rejected"] as? [[String: Any]])
        #expect(rejected.map { $0["code"] as? String } == ["chainTooDeep"])
        let text = try await loop.run("trace", event).output
        #expect(text.contains("refused HitBall") && text.contains("1000 …"), "\(text.suffix(600))")
        let listed = try await loop.run("parked").output
        #expect(listed.contains("1000 are allowed") && listed.contains("next: roost trace \(event)"), "\(listed)")
        #expect(try await loop.run("down").code == 0)
    }
}
