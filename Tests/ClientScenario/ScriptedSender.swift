package import RoostCore
import RoostNode
import Synchronization

/// Gives the answers a test prescribes, in order, and remembers what was sent.
package final class ScriptedSender: CommandSender {
    private struct State {
        var script: [CommandOutcome]
        var requests: [CommandRequest] = []
    }
    private let state: Mutex<State>

    /// When the script is over every command is accepted.
    package init(_ script: [CommandOutcome] = []) { state = Mutex(State(script: script)) }

    package var requests: [CommandRequest] { state.withLock { $0.requests } }

    package func send(_ requests: [CommandRequest]) async -> [CommandAnswer] {
        state.withLock { state in
            state.requests += requests
            return requests.map { request in
                let outcome = state.script.isEmpty ? .accepted : state.script.removeFirst()
                let isAccepted = outcome == .accepted
                return CommandAnswer(
                    number: request.number, outcome: outcome, events: isAccepted ? 1 : 0,
                    version: StreamVersion(1), partition: request.partition, position: Position(7),
                    correlationID: isAccepted ? CorrelationID(bits: 42) : nil,
                    code: isAccepted ? nil : "scripted", reason: isAccepted ? nil : "as the test says")
            }
        }
    }
}
