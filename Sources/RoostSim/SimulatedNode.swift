package import RoostCore
import RoostNode

/// The clock and the executors of a node inside a simulation.
package struct SimulatedNode: NodeClock, NodeExecutors {
    private let simulation: Simulation

    package init(_ simulation: Simulation) { self.simulation = simulation }

    package var now: Timestamp { simulation.now }
    package var tasks: any TaskExecutor { simulation }
    package func logTasks(_ name: String) -> any TaskExecutor { simulation }
    package func lane(_ name: String) -> any SerialExecutor { simulation.lane() }
    package func logLane(_ name: String) -> any SerialExecutor { simulation.lane() }
    package func asideLane(_ name: String) -> any SerialExecutor { simulation.lane() }
    package var asideTasks: any TaskExecutor { simulation }

    /// Waits in virtual time.
    package func sleep(for duration: Duration) async throws {
        let sleeper = Sleeper(simulation)
        try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { sleeper.begin(duration, $0) }
        } onCancel: {
            sleeper.cancel()
        }
    }

    private final class Sleeper: @unchecked Sendable {
        // @unchecked: confined to the simulation's thread.
        private let simulation: Simulation
        private var continuation: UnsafeContinuation<Void, any Error>?
        private var alarm: UInt64 = 0
        private var isCancelled = false

        init(_ simulation: Simulation) { self.simulation = simulation }

        func begin(_ duration: Duration, _ continuation: UnsafeContinuation<Void, any Error>) {
            guard !isCancelled else { return continuation.resume(throwing: CancellationError()) }
            self.continuation = continuation
            alarm = simulation.after(duration) { self.end { $0.resume() } }
        }

        func cancel() {
            isCancelled = true
            simulation.cancel(alarm)
            end { $0.resume(throwing: CancellationError()) }
        }

        private func end(_ body: (UnsafeContinuation<Void, any Error>) -> Void) {
            guard let continuation else { return }
            self.continuation = nil
            body(continuation)
        }
    }
}
