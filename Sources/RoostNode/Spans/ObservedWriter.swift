import RoostCore

/// Stores reports as they come. A disk that does not take them loses them and nothing else: the sender's next report
/// shows by its number that one is missing.
package actor ObservedWriter {
    private let store: ObservedStore
    private let lane: any SerialExecutor
    private let onLoss: @Sendable (any Error) -> Void

    package nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    /// `store` is this writer's from here on.
    package init(
        _ store: sending ObservedStore, lane: any SerialExecutor, onLoss: @escaping @Sendable (any Error) -> Void
    ) {
        self.store = store
        self.lane = lane
        self.onLoss = onLoss
    }

    /// Runs until the inbox is closed and empty.
    package func run(_ inbox: Mailbox<SpanReport>) async {
        while let reports = await inbox.take() {
            do { try store.store(reports) } catch { onLoss(error) }
        }
        do { try store.close() } catch { onLoss(error) }
    }
}
