import RoostCore
import RoostNode
import Testing

@Suite("A cursor over one partition")
struct FeedCursorTests {
    private static func heard(
        _ cursor: inout FeedCursor, _ first: UInt64, _ last: UInt64, newest: UInt64? = nil, epoch: UInt64 = 1
    ) -> FeedCursor.Action {
        cursor.heard(
            .events, epoch: Epoch(epoch), first: Position(first), last: Position(last),
            newest: Position(newest ?? last))
    }

    @Test("Events that continue what was applied are applied")
    func contiguous() {
        var cursor = FeedCursor(applied: Position(4))
        #expect(Self.heard(&cursor, 5, 8) == .apply(from: 0))
    }

    @Test("Of a message that overlaps, only what is new is applied")
    func overlap() {
        var cursor = FeedCursor(applied: Position(6))
        #expect(Self.heard(&cursor, 5, 8) == .apply(from: 2))
    }

    @Test("A message heard before is ignored")
    func repeated() {
        var cursor = FeedCursor(applied: Position(8))
        #expect(Self.heard(&cursor, 5, 8) == .ignore)
    }

    @Test("A hole makes the reader turn to the log")
    func hole() {
        var cursor = FeedCursor(applied: Position(4))
        #expect(Self.heard(&cursor, 6, 8) == .readLog)
        #expect(cursor.pending == 4)
    }

    @Test("A heartbeat that names a newer position reveals a lost last message")
    func heartbeat() {
        var cursor = FeedCursor(applied: Position(4))
        let action = cursor.heard(
            .heartbeat, epoch: Epoch(1), first: Position(5), last: Position(5), newest: Position(5))
        #expect(action == .readLog)
    }

    @Test("A message of an older epoch is seen to be stale")
    func stale() {
        var cursor = FeedCursor(applied: Position(4))
        _ = Self.heard(&cursor, 5, 5, epoch: 3)
        #expect(cursor.isStale(Epoch(2)))
        #expect(!cursor.isStale(Epoch(3)))
    }
}
