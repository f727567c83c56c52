package import RoostCore
package import RoostNode

/// Carries commands to hosts in memory, with seeded delays. A lost command is answered `unknown` at its deadline.
package final class SimulatedNetwork: CommandSender, @unchecked Sendable {
    // @unchecked: confined to the simulation's thread.
    private let simulation: Simulation
    private let lostPercent: Int
    private var hosts: [PartitionID: PartitionHost] = [:]

    package init(_ simulation: Simulation, lostPercent: Int = 0) {
        self.simulation = simulation
        self.lostPercent = lostPercent
    }

    package func connect(_ host: PartitionHost) { hosts[host.ownership.partition] = host }

    package func send(_ requests: [CommandRequest]) async -> [CommandAnswer] {
        guard !requests.isEmpty else { return [] }
        return await withUnsafeContinuation { continuation in
            let exchange = Exchange(requests, continuation)
            for (index, var request) in requests.enumerated() {
                request.number = UInt64(index)
                dispatch(request, exchange)
            }
        }
    }

    private func dispatch(_ request: CommandRequest, _ exchange: Exchange) {
        let wait = request.deadline - simulation.now
        _ = simulation.after(wait) { exchange.expire(request) }
        guard simulation.draw(below: 100) >= lostPercent, let host = hosts[request.partition] else { return }
        _ = simulation.after(.microseconds(1 + simulation.draw(below: 1000))) {
            host.admit([CommandDelivery(request: request, port: exchange)])
        }
    }

    /// One call to `send`: collects the answers, whichever come first.
    private final class Exchange: AnswerPort, @unchecked Sendable {
        // @unchecked: confined to the simulation's thread.
        private var answers: [CommandAnswer?]
        private var open: Int
        private var continuation: UnsafeContinuation<[CommandAnswer], Never>?

        init(_ requests: [CommandRequest], _ continuation: UnsafeContinuation<[CommandAnswer], Never>) {
            answers = Array(repeating: nil, count: requests.count)
            open = requests.count
            self.continuation = continuation
        }

        func deliver(_ answers: [CommandAnswer]) { for answer in answers { take(answer) } }

        func expire(_ request: CommandRequest) {
            take(request.answer(.unknown, code: "deadline", reason: "no answer before the deadline"))
        }

        private func take(_ answer: CommandAnswer) {
            guard answers[Int(answer.number)] == nil else { return }
            answers[Int(answer.number)] = answer
            open -= 1
            guard open == 0 else { return }
            continuation?.resume(returning: answers.compactMap { $0 })
            continuation = nil
        }
    }
}
