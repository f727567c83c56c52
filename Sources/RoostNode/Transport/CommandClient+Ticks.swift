import RoostCore
import RoostZeroMQ

extension CommandClient {
    static func tickNumber(_ time: UInt64) -> UInt64 { time / 20_000_000 }

    /// Ticks run only while something waits.
    func startTicking(_ now: UInt64) {
        guard !isTicking, !pending.isEmpty else { return }
        isTicking = true
        lastTick = Self.tickNumber(now)
        thread.schedule(after: Self.tick) { self.tick() }
    }

    private func tick() {
        let now = SocketThread.monotonicNanoseconds()
        let current = Self.tickNumber(now)
        expire(through: current)
        if current / Self.ticksPerReview != lastTick / Self.ticksPerReview { review(now) }
        lastTick = current
        routeAgain(now)
        isTicking = false
        if pending.isEmpty { deadlines.removeAll() }
        startTicking(now)
    }

    private func expire(through current: UInt64) {
        guard lastTick < current else { return }
        for tick in (lastTick + 1)...current {
            for number in deadlines.removeValue(forKey: tick) ?? [] {
                guard let command = pending[number] else { continue }
                giveUp(
                    command, code: "deadline",
                    reason: command.wasSent
                        ? "no answer came before the deadline"
                        : "no owner of partition \(command.request.partition) could be reached before the deadline")
            }
        }
    }

    private func routeAgain(_ now: UInt64) {
        guard !unrouted.isEmpty else { return }
        let waiting = unrouted
        unrouted = []
        for command in waiting where !command.isSettled { route(command, now) }
    }

    /// Looks for a new owner of what has waited a while. Commands that the old one may have executed are given up:
    /// it is fenced, and asking again with the same ID tells.
    private func review(_ now: UInt64) {
        let overtaken = pending.values.filter { command in
            guard command.link != nil, now &- command.routedAt > 200_000_000,
                let newest = routes.route(to: command.request.partition, now: now)
            else { return false }
            return newest.epoch > command.request.epoch
        }
        for command in overtaken.sorted(by: { $0.request.number < $1.request.number }) {
            if command.wasSent {
                let endpoint = command.link?.endpoint ?? "the old one"
                giveUp(
                    command, code: "ownerChanged",
                    reason: "partition \(command.request.partition) got a new owner before \(endpoint) answered")
            } else {
                route(command, now)
            }
        }
    }
}
