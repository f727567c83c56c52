package import RoostCore
import RoostLog

/// Publishes what was committed, then lets the answers go: commit, publish, answer. Sends heartbeats in between.
package actor Publisher {
    private let lane: any SerialExecutor
    private let ownership: Ownership
    private let topic: String
    private let settled: Mailbox<SettledCommit>
    private let mark: SettledMark
    private let outlet: any BusOutlet
    private let clock: any NodeClock
    private let requestSnapshots: @Sendable ([StreamName]) -> Void
    private var newest: Position

    package nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    package init(
        _ ownership: Ownership, newest: Position, settled: Mailbox<SettledCommit>, mark: SettledMark,
        outlet: any BusOutlet, clock: any NodeClock, lane: any SerialExecutor,
        requestSnapshots: @escaping @Sendable ([StreamName]) -> Void = { _ in }
    ) {
        self.requestSnapshots = requestSnapshots
        self.ownership = ownership
        self.newest = newest
        self.settled = settled
        self.mark = mark
        self.outlet = outlet
        self.clock = clock
        self.lane = lane
        let group = ownership.log.placement.group(of: ownership.partition)?.name ?? ""
        topic = BusMessage.topic(group: group, partition: ownership.partition)
    }

    /// Runs until the log writer has ended and everything it settled is answered.
    package func run() async {
        while let commits = await settled.take() {
            for settled in commits { publish(settled) }
        }
    }

    /// Says the newest position again and again, so that a lost last message is noticed.
    package func heartbeat(every interval: Duration) async throws {
        while true {
            send(.heartbeat, first: newest, .empty)
            try await clock.sleep(for: interval)
        }
    }

    private func publish(_ settled: SettledCommit) {
        let events = settled.commit.batch.committed
        if let first = events.first, let last = events.last {
            newest = last.position
            send(.events, first: first.position, events)
        }
        Failpoint.beforeAnswer.reach()
        mark.settle(settled.commit.number)
        deliver(settled.answers)
        if !settled.commit.snapshots.isEmpty { requestSnapshots(settled.commit.snapshots) }
    }

    /// One call per port: neighbours of one peer travel together.
    private func deliver(_ answers: [(port: any AnswerPort, answer: CommandAnswer)]) {
        var start = 0
        while start < answers.count {
            let port = answers[start].port
            var end = start + 1
            while end < answers.count, answers[end].port === port { end += 1 }
            port.deliver(answers[start..<end].map(\.answer))
            start = end
        }
    }

    private func send(_ kind: BusMessage.Kind, first: Position, _ events: EventPage) {
        outlet.publish(
            BusMessage(
                kind: kind, topic: topic, logID: ownership.log.id, partition: ownership.partition,
                epoch: ownership.epoch, first: first, newest: newest, events: events))
    }
}
