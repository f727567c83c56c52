import ClientScenario
import RoostClient
import RoostCore
import Testing

@Suite("The plan of a rebuild")
struct RebuildPlanTests {
    @Test("counts what is handled and what is not, and names what cannot be read")
    func plan() async throws {
        let scenario = try ClientScenario()
        for id in 1...6 { try await scenario.record(UInt128(id), in: "note/\(id)", at: Int64(id)) }
        try await scenario.record(7, "TagGiven", in: "tag/1", at: 7)
        try scenario.project()
        let plan = try scenario.client.planRebuild(of: "titles")
        #expect(plan.events == 7 && plan.handled == 6 && plan.rows == 6 && plan.bytes > 0 && plan.sampled == 6)
        #expect(plan.kinds.map(\.type) == ["NoteWritten", "TagGiven"] && plan.kinds.map(\.handled) == [true, false])
        #expect(plan.obstacles.isEmpty, "\(plan.obstacles)")
        #expect(plan.seconds > 0 && plan.secondsAtMost >= plan.seconds)
        try await scenario.record(8, of: EventKind("NoteWritten", 9), in: "note/8", at: 8)
        let obstacle = try #require(try scenario.client.planRebuild(of: "titles").obstacles.first)
        #expect(obstacle.events == 1 && obstacle.kind.contains("9"), "\(obstacle)")
        try scenario.remove()
    }

    @Test("of an empty log is nothing to do")
    func empty() throws {
        let scenario = try ClientScenario()
        let plan = try scenario.client.planRebuild(of: "titles")
        #expect(plan.events == 0 && plan.sampled == 0 && plan.seconds == 0)
        #expect(ClientScenario.code { _ = try scenario.client.planRebuild(of: "title") } == "unknownProjection")
        try scenario.remove()
    }
}
