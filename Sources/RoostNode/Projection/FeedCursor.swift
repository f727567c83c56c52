package import RoostCore
import RoostLog

/// Decides what a reader does about what it hears of one partition. The bus is a hint: what is not contiguous with
/// what was applied is read from the log.
package struct FeedCursor: Sendable {
    package enum Action: Equatable, Sendable {
        /// The events from this index of the message on continue what was applied.
        case apply(from: Int)
        /// Nothing new.
        case ignore
        /// Something was lost, or not sent yet when this reader began: read the log.
        case readLog
    }

    package private(set) var applied: Position
    /// The newest position that this reader knows to exist.
    package private(set) var newest: Position
    package private(set) var epoch: Epoch

    package init(applied: Position, epoch: Epoch = .none) {
        self.applied = applied
        self.epoch = epoch
        newest = applied
    }

    /// Positions known to exist but not applied.
    package var pending: UInt64 { newest.rawValue - applied.rawValue }

    /// A message of an epoch older than one already heard comes from a zombie.
    package func isStale(_ epoch: Epoch) -> Bool { epoch < self.epoch }

    package mutating func heard(
        _ kind: BusMessage.Kind, epoch: Epoch, first: Position, last: Position, newest: Position
    ) -> Action {
        self.epoch = max(self.epoch, epoch)
        self.newest = max(self.newest, newest)
        guard kind == .events, last > applied else { return pending > 0 ? .readLog : .ignore }
        guard first <= applied.next else { return Mutant.skipGapCheck.isPlanted ? .apply(from: 0) : .readLog }
        return .apply(from: Int(applied.next.rawValue - first.rawValue))
    }

    package mutating func advance(to position: Position) {
        precondition(position >= applied, "a reader never goes back")
        applied = position
        newest = max(newest, position)
    }
}
