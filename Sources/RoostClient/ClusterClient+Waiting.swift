package import RoostCore
import RoostLog
import RoostNode
import RoostTrace

extension ClusterClient {
    /// A reader that has something before it, in words.
    package struct Behind: Sendable {
        package let reader: String
        package let what: String
        /// `failed` or `stopped`, when the reader will not go on by itself.
        package let resting: String?
        package var text: String { "\(reader) \(what)" + (resting.map { " and \($0)" } ?? "") }
    }

    /// Whoever has not yet passed the given positions.
    package func behind(_ heads: [PartitionID: Position]) throws -> [Behind] {
        let resting = try resting()
        return try readers().flatMap { reader in
            heads.sorted { $0.key < $1.key }.compactMap { partition, head in
                let position = reader.checkpoints[partition, default: .start]
                return position < head
                    ? Behind(
                        reader: reader.name, what: "is at \(position) of \(head) in partition \(partition)",
                        resting: resting[reader.name]) : nil
            }
        }
    }

    /// One look by law 5: heads, readers, heads again. Empty when caught up; nil when the log moved meanwhile.
    ///
    /// A reactor's checkpoint passes an event only when all its commands have ended, so a reactor at the head has no
    /// follow-up unanswered; a timer that is due is one too.
    package func lookForStragglers() throws -> [Behind]? {
        let before = try heads()
        let behind = try behind(before) + overdue()
        guard behind.isEmpty else { return behind }
        return try heads() == before ? [] : nil
    }

    /// Throws `notReady` where a reader cannot account for every event up to where it stands: it is not caught up, wherever that
    /// is, and no waiting helps.
    package func confirmBalance() throws {
        for reader in try projections().projections {
            guard let partition = reader.partitions.first(where: { !$0.balance.holds }) else { continue }
            throw ClientError(
                .notReady, code: "unbalanced",
                "\(reader.name) does not balance in partition \(partition.partition): \(partition.balance.text)",
                hint: reader.kind == "projection" ? "roost rebuild \(reader.name)" : "roost projections --partitions")
        }
    }

    private func overdue() throws -> [Behind] {
        let (now, resting) = (now(), try resting())
        return try domain.reactors.compactMap { reactor in
            let due = try databases.reactor(reactor.name).timers(dueBy: now, limit: 1)
            guard let first = due.first.first else { return nil }
            return Behind(
                reader: reactor.name, what: "has \(due.count) due timer(s), one for \(first.request.stream)",
                resting: resting[reactor.name])
        }
    }

    /// Returns when every projection and reactor is at the heads of the log, or throws `notReady` saying who is not.
    package func waitUntilCaughtUp(
        timeout: Duration, progress: ([Behind]) -> Void = { _ in }
    ) async throws {
        var last: [Behind] = []
        let done = try await poll(timeout: timeout) {
            guard let behind = try lookForStragglers() else { return false }
            last = behind
            progress(behind)
            return behind.isEmpty
        }
        guard !done else { return }
        let words = last.prefix(3).map(\.text).joined(separator: "; ")
        throw ClientError(
            .notReady, code: "notCaughtUp",
            "not caught up in \(timeout.seconds) s: " + (words.isEmpty ? "the log keeps growing" : words),
            hint: last.first { $0.resting != nil }.map { "roost start \($0.reader)" } ?? "roost projections")
    }

    /// Returns when a projection has passed everything that a token names, or throws `notReady`. Throws `usage` for a
    /// token of another log: one that names what this log does not have.
    package func wait(for name: String, after token: ReadToken, timeout: Duration) async throws {
        let projection = try projection(name).name
        try check(token)
        var late: (partition: PartitionID, at: Position, wanted: Position)?
        let done = try await poll(timeout: timeout) {
            let progress = try databases.progress(ofProjection: projection) ?? [:]
            late = token.positions.sorted { $0.key < $1.key }.lazy
                .map { ($0.key, progress[$0.key]?.position ?? .start, $0.value) }.first { $0.1 < $0.2 }
            return late == nil
        }
        guard !done, let late else { return }
        throw ClientError(
            .notReady, code: "notApplied",
            "'\(projection)' is at position \(late.at) of partition \(late.partition), waiting for \(late.wanted)",
            hint: try resting()[projection].map { _ in "roost start \(projection)" } ?? "roost projections")
    }

    private func check(_ token: ReadToken) throws {
        for (partition, position) in token.positions.sorted(by: { $0.key < $1.key }) {
            let head = partitions.contains(partition) ? try log.reader(partition).head().position : .start
            guard position > head else { continue }
            throw ClientError(
                .usage, code: "foreignToken",
                "the token names position \(position) of partition \(partition), where this log "
                    + (partitions.contains(partition) ? "ends at \(head)" : "has no partition"),
                hint: "use the token of a command that this log accepted; it may have been restored since")
        }
    }

    /// Asks again and again, ever less often, until the answer is yes or the time is over.
    package func poll(timeout: Duration, _ isDone: () throws -> Bool) async throws -> Bool {
        let clock = ContinuousClock()
        let deadline = clock.now + timeout
        var pause = Duration.milliseconds(2)
        while true {
            if try isDone() { return true }
            guard clock.now < deadline else { return false }
            try await clock.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(100))
        }
    }
}

extension Duration {
    /// Whole seconds, for a person.
    package var seconds: Int64 { components.seconds }
}
