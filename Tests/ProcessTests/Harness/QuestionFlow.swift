import Foundation
import Synchronization

/// Asks a projection over HTTP, again and again, while a test does something: no question may fail, and no answer may
/// be older than the one before.
final class QuestionFlow: Sendable {
    private struct Answer: Decodable {
        struct Place: Decodable {
            let partition: UInt32
            let position: UInt64
        }
        let asOf: [Place]
    }

    private struct State {
        var answers = 0
        var failure: String?
        var reached: [UInt32: UInt64] = [:]
        var isStopping = false
        var hasEnded = false
    }

    private let state = Mutex(State())
    private let gateway: GatewayClient
    private let path: String

    /// `question` is a projection and one of its queries, as in `dashboard/revenue`.
    init(_ cluster: ClusterUnderTest, _ question: String) throws {
        gateway = GatewayClient(cluster: cluster, address: try cluster.ps().gateway)
        path = "/api/v1/query/" + question
    }

    var answers: Int { state.withLock(\.answers) }

    /// Runs `body` while questions are asked; throws when one of them was not answered as it has to be.
    func during(_ body: () throws -> Void) throws {
        let thread = Thread { [self] in run() }
        thread.start()
        defer { stop() }
        try body()
        stop()
        if let failure = state.withLock(\.failure) { throw TestFailure("a question failed: \(failure)") }
    }

    private func stop() {
        state.withLock { $0.isStopping = true }
        while !state.withLock({ $0.hasEnded }) { usleep(1000) }
    }

    private func run() {
        while !state.withLock({ $0.isStopping || $0.failure != nil }) {
            do {
                let response = try gateway.get(path)
                guard response.status == 200 else {
                    throw TestFailure("\(response.status) \(String(decoding: response.body, as: UTF8.self))")
                }
                try note(response.decode(Answer.self))
            } catch {
                state.withLock { $0.failure = "after \($0.answers) answers: \(error)" }
            }
        }
        state.withLock { $0.hasEnded = true }
    }

    private func note(_ answer: Answer) throws {
        try state.withLock { state in
            state.answers += 1
            for place in answer.asOf {
                let before = state.reached[place.partition, default: 0]
                guard place.position >= before else {
                    throw TestFailure("partition \(place.partition) went back from \(before) to \(place.position)")
                }
                state.reached[place.partition] = place.position
            }
        }
    }
}
