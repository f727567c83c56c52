import RoostCore
import RoostJSON
package import RoostZeroMQ
import Synchronization

/// Sends what a feed has published to whoever is subscribed: two frames, the topic `<feed>.<type>` and the CloudEvent. A PUB
/// socket loses messages, so every second of silence the newest number follows under the topic `<feed>.newest`: who has a hole
/// reads from its number on.
package final class FeedPublisher: @unchecked Sendable {
    // @unchecked: `socket` is touched on the thread alone.

    /// What the topic of a heartbeat ends in.
    private static let newest = "newest"
    /// Events that are sent after one commit.
    private static let burstMax = 1000
    private let thread: SocketThread
    private let feed: String
    private let security: SocketSecurity
    private let newest = Atomic<UInt64>(0)
    private var socket: Socket?

    package init(thread: SocketThread, feed: String, security: SocketSecurity) {
        self.thread = thread
        self.feed = feed
        self.security = security
    }

    /// Listens; returns the endpoint with its wildcards resolved.
    package func start(at endpoint: String) async throws(ZeroMQError) -> String {
        try await thread.run { () throws(ZeroMQError) in
            var options = SocketOptions()
            options.lingerMilliseconds = 200
            options.security = self.security
            let socket = try Socket(.pub, on: self.thread, options: options)
            self.socket = socket
            return try socket.bind(endpoint)
        }
    }

    package func stop() async {
        await thread.run {
            self.socket?.close()
            self.socket = nil
        }
    }

    /// Sends what the feed has published since the last call; on the thread of the feed's projector. More than fits is not sent:
    /// subscribers find it by its numbers.
    package func publish(from store: ProjectionStore) throws {
        let known = newest.load(ordering: .relaxed)
        let sql =
            "SELECT \(FeedEntry.columns) FROM published WHERE number > ? ORDER BY number LIMIT \(Self.burstMax + 1)"
        let entries = try store.rows(sql, .integer(Int64(known))).map { FeedEntry(row: $0) }
        guard let last = entries.last else { return }
        guard entries.count <= Self.burstMax else { return try skip(in: store) }
        newest.store(last.number, ordering: .relaxed)
        thread.perform { for entry in entries { self.put(entry.type, entry.body) } }
    }

    /// From here on, what is published later is sent.
    package func skip(in store: ProjectionStore) throws {
        let number = try store.rows("SELECT coalesce(max(number), 0) FROM published WHERE number > ?", 0)[0][0].integer
        newest.store(UInt64(number ?? 0), ordering: .relaxed)
    }

    package func sendNewest() {
        let number = Int64(newest.load(ordering: .relaxed))
        let document: JSONValue = ["feed": .string(feed), "newest": .integer(number)]
        thread.perform { self.put(Self.newest, document.compact) }
    }

    private func put(_ topic: String, _ body: String) {
        // A message that cannot be sent is found by its number, like one that was lost.
        do { _ = try socket?.send([Bytes(Array("\(feed).\(topic)".utf8)), Bytes(Array(body.utf8))]) } catch { return }
    }
}

/// One row of what a feed has published.
package struct FeedEntry: Sendable {
    package let number: UInt64
    package let type: String
    package let subject: String
    /// A CloudEvent in JSON.
    package let body: String

    /// A row of the columns `columns`.
    package init(row: [SQLValue]) {
        number = UInt64(row[0].integer ?? 0)
        type = row[1].text ?? ""
        subject = row[2].text ?? ""
        body = row[3].text ?? ""
    }

    package static let columns = "number, type, subject, body"
}
