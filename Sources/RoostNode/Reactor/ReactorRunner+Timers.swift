import RoostCore
import RoostLog

/// Carries out pending timers when they are due: one loop for each partition that commands go to, so that an owner who is
/// away holds up no other.
extension ReactorRunner {
    func keepTimers(of target: PartitionID, _ wake: Mailbox<Void>) async throws {
        repeat {
            try await carryOutTimers(of: target)
        } while await wake.take() != nil && !feed.isClosed
    }

    private func carryOutTimers(of target: PartitionID) async throws {
        while !feed.isClosed, let due = try dueTimers(of: target), !due.isEmpty {
            Failpoint.beforeTimerCommand.reach()
            guard let settled = await settle(due.map(\.request), "timers to partition \(target)") else { return }
            Failpoint.afterTimerCommand.reach()
            var isFinished = false
            try status.attempt("timers") {
                try store.finish(due, refusals: settled.refusals, at: clock.now)
                isFinished = true
            }
            // A disk that did not take it is tried at the next wake: the same commands, which change nothing.
            guard isFinished else { return }
            feed.count { $0.timers += UInt64(due.count) }
            report()
        }
    }

    /// nil while nothing can be due. An event that was committed before a timer was due may cancel it, so the reactor looks at
    /// the timer's own partition once more after that moment.
    private func dueTimers(of target: PartitionID) throws -> [PendingTimer]? {
        let now = clock.now
        if let next = nextDue[target], next.map({ $0 > now }) ?? true { return nil }
        var due: [PendingTimer] = []
        try status.attempt("timers") {
            for (source, looked) in lookedAt.sorted(by: { $0.key < $1.key }) {
                due += try store.timers(due: min(now, looked), to: target, from: source, limit: limits.windowMax)
            }
            due = Array(due.sorted { $0.due < $1.due }.prefix(limits.windowMax))
            // What is due and waits for a look is looked at again at the next wake.
            let next = try store.nextDue(target)
            nextDue[target] = next.map { $0 <= now } == true ? nil : .some(next)
        }
        return due
    }

    /// Remembers that there may be something to carry out earlier than was known.
    func noteTimers(_ changes: [TimerChange]) {
        for case .set(let timer) in changes { nextDue[timer.request.partition] = nil }
    }

    func timerChange(_ followUp: FollowUp, _ index: Int, _ event: RecordedEvent) throws -> TimerChange? {
        switch followUp.action {
        case .send: return nil
        case .cancel(let name): return .cancel(stream: followUp.stream, name: name.description)
        case .set(let name, let command, let moment):
            var request = try self.request(command, to: followUp.stream, index, event)
            // It happens when it is carried out, not when what led to it did.
            request.occurred = nil
            return .set(
                PendingTimer(
                    name: name.description, due: moment.due(setBy: event),
                    source: try partition(of: event.stream), request: request))
        }
    }
}
