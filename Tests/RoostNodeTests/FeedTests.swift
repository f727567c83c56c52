import RoostCore
import RoostLog
import RoostNode
import Testing

@Suite("The feed of a reader", .timeLimit(.minutes(1)))
struct FeedTests {
    private static let logID = LogID(bits: 7)

    private static var heartbeat: BusMessage {
        BusMessage(
            kind: .heartbeat, topic: "orders.00000000", logID: logID, partition: PartitionID(0), epoch: Epoch(1),
            first: Position(1), newest: Position(1), events: .empty)
    }

    @Test("A look at the log comes before messages, however many wait")
    func tickFirst() async {
        let feed = Feed(logID: Self.logID)
        feed.offer(Self.heartbeat)
        feed.tick()
        guard case .tick = await feed.next() else {
            Issue.record("a message came first")
            return
        }
        guard case .messages(let messages) = await feed.next() else {
            Issue.record("the message is lost")
            return
        }
        #expect(messages.count == 1)
    }

    @Test("Messages without events are bounded too, and the dropped ones counted")
    func boundedHeartbeats() async {
        var limits = Feed.Limits()
        limits.bytesMax = 1024
        let feed = Feed(logID: Self.logID, limits: limits)
        for _ in 0..<100 { feed.offer(Self.heartbeat) }
        guard case .messages(let messages) = await feed.next() else {
            Issue.record("nothing was kept")
            return
        }
        #expect(messages.count == 4 && feed.counters.droppedFull == 96)
    }
}
