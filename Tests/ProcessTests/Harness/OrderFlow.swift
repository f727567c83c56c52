import Foundation
import Synchronization

/// Orders that keep coming while a test does harm; every one of them has to be acknowledged.
final class OrderFlow: Sendable {
    private struct State {
        var orders: [TestOrder] = []
        var failure: String?
        var isStopping = false
        var hasEnded = false
    }

    /// Orders whose events may be missing when the next ones are sent: keeps the backlog of a slow machine bounded.
    private static let backlogMax = 400

    private let state = Mutex(State())
    private let cluster: ClusterUnderTest
    private let send: @Sendable (_ orders: [TestOrder], _ round: Int) throws -> Void

    /// `send` returns when all orders are acknowledged.
    init(
        _ cluster: ClusterUnderTest, send: @escaping @Sendable (_ orders: [TestOrder], _ round: Int) throws -> Void
    ) {
        self.cluster = cluster
        self.send = send
    }

    /// Files for `roost load`, one after the other.
    static func loading(_ cluster: ClusterUnderTest) -> OrderFlow {
        OrderFlow(cluster) { orders, round in try cluster.load(orders, name: "round-\(round)") }
    }

    /// Runs `body` while orders come, then lets the last ones be acknowledged. Returns all of them.
    func during(_ prefix: String, ordersPerRound: Int = 60, _ body: () throws -> Void) throws -> [TestOrder] {
        let thread = Thread { [self] in run(SeededOrders(prefix), ordersPerRound) }
        thread.start()
        do {
            try body()
        } catch {
            stop()
            throw TestFailure("\(error)" + (state.withLock(\.failure).map { "\norders: \($0)" } ?? ""))
        }
        stop()
        return try state.withLock { state in
            if let failure = state.failure { throw TestFailure("orders were not acknowledged: \(failure)") }
            return state.orders
        }
    }

    private func stop() {
        state.withLock { $0.isStopping = true }
        while !state.withLock({ $0.hasEnded }) { usleep(1000) }
    }

    private func run(_ orders: SeededOrders, _ count: Int) {
        var orders = orders
        var round = 0
        while !state.withLock({ $0.isStopping }) {
            guard !isBehind else {
                usleep(5000)
                continue
            }
            round += 1
            let next = orders.next(count)
            do {
                try send(next, round)
                state.withLock { $0.orders += next }
            } catch {
                state.withLock { $0.failure = "\(error)" }
                break
            }
        }
        state.withLock { $0.hasEnded = true }
    }

    /// Whether the events of many orders are still to come.
    private var isBehind: Bool {
        let expected = state.withLock { $0.orders.reduce(0) { $0 + 3 + $1.lines.count } }
        guard let heads = try? LogFold.heads(cluster) else { return true }
        return expected > Int(heads) + Self.backlogMax
    }
}
