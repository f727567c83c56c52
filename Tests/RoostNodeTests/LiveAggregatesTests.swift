import RoostCore
import RoostLog
import Testing

@testable import RoostNode

@Suite("Aggregates in memory")
struct LiveAggregatesTests {
    private actor Nothing: LiveAggregate {
        func load(from reader: any PartitionReader, with tools: DecisionTools) throws {}
        func handle(_ delivery: CommandDelivery, into commit: Commit, with tools: DecisionTools) {}
    }

    private static func key(_ stream: String) -> StreamKey { StreamKey(StreamName(unchecked: stream)) }

    @Test("are forgotten once their commits have settled, and those that are loaded later are not")
    func forgetting() {
        var live = LiveAggregates(capacity: 10)
        live.insert(Nothing(), for: Self.key("note/settled"), in: 1)
        live.insert(Nothing(), for: Self.key("note/flying"), in: 5)
        live.beginForgetting()
        let isFirstDone = live.forget(settledThrough: 1)
        #expect(!isFirstDone && live.use(Self.key("note/settled"), in: 6) == nil)
        #expect(live.count == 1)
        live.insert(Nothing(), for: Self.key("note/later"), in: 6)
        let isDone = live.forget(settledThrough: 6)
        #expect(isDone && live.count == 1 && live.use(Self.key("note/later"), in: 7) != nil)
    }
}
