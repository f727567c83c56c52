package import RoostCore
package import RoostLog
import RoostTrace

/// Makes commits durable, one after the other, on the thread that may wait for the disk.
///
/// Guarantees: an answer is made only after its commit, or after the epoch was confirmed when nothing was stored.
/// When a commit fails, everything decided on top of it fails with it.
package actor LogWriter {
    private let lane: any SerialExecutor
    private let writer: any PartitionWriter
    private let reader: any PartitionReader
    private let queue: CommitQueue
    private let settled: Mailbox<SettledCommit>
    private let clock: any NodeClock
    private let keys: (any PersonalKeys)?
    private let spans: SpanRecorder?
    /// Told what could not be done now, once for each reason in a row.
    private let onDelay: @Sendable (EventLogError) -> Void
    private var delay: String?

    package nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    package init(
        writer: any PartitionWriter, reader: any PartitionReader, queue: CommitQueue,
        settled: Mailbox<SettledCommit>, clock: any NodeClock, lane: any SerialExecutor,
        keys: (any PersonalKeys)? = nil, spans: SpanRecorder? = nil,
        onDelay: @escaping @Sendable (EventLogError) -> Void = { _ in }
    ) {
        self.writer = writer
        self.reader = reader
        self.queue = queue
        self.settled = settled
        self.clock = clock
        self.keys = keys
        self.spans = spans
        self.onDelay = onDelay
        self.lane = lane
    }

    /// Runs until the queue is closed and empty. Throws what ends the ownership: a fence, or an unknown outcome.
    package func run() async throws {
        defer { settled.close() }
        while let work = await queue.next() {
            guard case .store(let commit) = work else {
                try await tend()
                continue
            }
            do throws(EventLogError) {
                guard commit.generation == queue.generation else {
                    throw EventLogError(.unavailable, "an earlier commit failed; this one was decided on top of it")
                }
                try await store(commit)
            } catch {
                _ = queue.fail(generation: commit.generation)
                _ = await settled.send(SettledCommit(commit: commit, answers: failed(commit, error)))
                if error.code != .unavailable {
                    await failRest(error)
                    throw error
                }
            }
        }
        await writer.close()
    }

    private func tend() async throws {
        do throws(EventLogError) {
            let hasMore = try await writer.tend()
            delay = nil
            guard hasMore else { return }
            Failpoint.whileArchivedRowsGo.reach()
            queue.tend()
        } catch {
            guard error.code == .unavailable else {
                await failRest(error)
                throw error
            }
            // It is tried again when the next occasion comes.
            if error.description != delay { onDelay(error) }
            delay = error.description
        }
    }

    private func store(_ commit: Commit) async throws(EventLogError) {
        if commit.batch.isEmpty {
            try await writer.confirmEpoch()
        } else {
            try persistKeys()
            Failpoint.beforeCommit.reach()
            let start = clock.now
            try await writer.append(commit.batch, at: start)
            Failpoint.afterCommit.reach()
            note(commit, from: start)
            if commit.batch.outcomes.contains(where: \.isSurprise) {
                // The host alone decides and compares command IDs, so the log agrees unless state was lost.
                _ = queue.fail(generation: commit.generation)
            }
        }
        var answers: [(port: any AnswerPort, answer: CommandAnswer)] = []
        answers.reserveCapacity(commit.replies.count)
        for reply in commit.replies { answers.append(answer(reply, commit.batch)) }
        _ = await settled.send(SettledCommit(commit: commit, answers: answers))
    }

    private func note(_ commit: Commit, from start: Timestamp) {
        guard let spans, let first = commit.batch.committed.first, let last = commit.batch.committed.last else {
            return
        }
        let queued = max(0, start.nanoseconds - commit.openedAt.nanoseconds)
        spans.note(
            HandlingSpan(
                .store, writer.partition, first.position, last.position, start: start, end: spans.now, queued: queued))
    }

    /// A key that was lost with its process would leave events that nobody can read.
    private func persistKeys() throws(EventLogError) {
        do {
            try keys?.persist()
        } catch {
            throw EventLogError(.unavailable, "the keys for personal data cannot be stored", cause: error)
        }
    }

    private func answer(
        _ reply: Commit.Reply, _ batch: AppendBatch
    ) -> (port: any AnswerPort, answer: CommandAnswer) {
        switch reply {
        case .decided(let port, let answer, let refusal):
            if let refusal { spans?.note(refusal.command) }
            return (port, answer)
        case .stored(let port, let number, let entry, let correlationID):
            let events = UInt32(batch.entries[entry].eventCount)
            return (port, answer(number, batch.outcomes[entry], events, correlationID))
        case .repeated(let port, let number, let context):
            return (port, repeated(number, context))
        }
    }

    /// The commit has landed whatever becomes of this look-up, so a failure here concerns this one answer.
    private func repeated(_ number: UInt64, _ context: CommandContext) -> CommandAnswer {
        do {
            return answer(number, try reader.receipt(of: context.commandID, in: context.stream), context)
        } catch {
            return unknown(number, error)
        }
    }

    private func answer(
        _ number: UInt64, _ outcome: AppendOutcome, _ events: UInt32, _ correlationID: CorrelationID
    ) -> CommandAnswer {
        var answer = CommandAnswer(
            number: number, outcome: .accepted, partition: writer.partition, correlationID: correlationID)
        switch outcome {
        case .committed(let version, let position):
            answer.events = events
            answer.version = version
            answer.position = position
        case .versionConflict(let actual):
            answer.outcome = .conflict
            answer.version = actual
            answer.explain(code: "versionConflict", reason: "the stream is at version \(actual)")
        case .duplicate(let receipt): answer.repeat(receipt)
        case .commandIDReused: answer.refuseReuse()
        }
        return answer
    }

    private func answer(_ number: UInt64, _ receipt: Receipt?, _ context: CommandContext) -> CommandAnswer {
        var answer = CommandAnswer(
            number: number, outcome: .accepted, partition: writer.partition, correlationID: context.correlationID)
        if let receipt, receipt.fingerprint == context.fingerprint {
            answer.repeat(receipt)
        } else {
            answer.refuseReuse()
        }
        return answer
    }

    private func failed(
        _ commit: Commit, _ error: EventLogError
    ) -> [(port: any AnswerPort, answer: CommandAnswer)] {
        commit.replies.map { reply in
            switch reply {
            case .stored(let port, let number, _, _): (port, failed(number, error))
            // It was executed once, so `unavailable`, certainly not executed, would be wrong.
            case .repeated(let port, let number, _): (port, unknown(number, error))
            case .decided(let port, let answer, _): (port, failed(answer.number, error))
            }
        }
    }

    private func failed(_ number: UInt64, _ error: EventLogError) -> CommandAnswer {
        guard error.code == .unavailable || error.code == .fenced else { return unknown(number, error) }
        return CommandAnswer(
            number: number, outcome: .unavailable, partition: writer.partition, code: "unavailable",
            reason: error.message, next: "send it again with the same command ID")
    }

    private func unknown(_ number: UInt64, _ error: EventLogError) -> CommandAnswer {
        CommandAnswer(
            number: number, outcome: .unknown, partition: writer.partition, code: "outcomeUnknown",
            reason: error.message, next: "send it again with the same command ID")
    }

    /// Answers everything still queued when the ownership has ended.
    private func failRest(_ error: EventLogError) async {
        queue.close()
        while case .store(let commit) = await queue.next() {
            _ = await settled.send(SettledCommit(commit: commit, answers: failed(commit, error)))
        }
    }
}

extension AppendOutcome {
    fileprivate var isSurprise: Bool { if case .committed = self { false } else { true } }
}

extension CommandAnswer {
    fileprivate mutating func `repeat`(_ receipt: Receipt) {
        events = UInt32(receipt.events)
        version = receipt.version
        position = receipt.position
        correlationID = receipt.correlationID
    }

    fileprivate mutating func refuseReuse() {
        outcome = .rejected
        explain(
            code: "commandIDReused", reason: "this command ID was used before for another command",
            next: "choose a new command ID for a new command")
    }
}
