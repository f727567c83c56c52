import Synchronization

/// What has come of a drill so far. Kept outside of what may throw, so that nothing that was found out is lost with it.
final class DrillRecord: Sendable {
    struct Outcome: Sendable {
        var findings: [DrillFinding] = []
        /// Why not everything was proved.
        var reasons: [String] = []
        var after: SteadyState.Look?
        /// The steady state was there before, and the method has begun.
        var hasBegun = false
    }

    private let state = Mutex(Outcome())

    var outcome: Outcome { state.withLock { $0 } }

    func note(_ change: (inout Outcome) -> Void) { state.withLock { change(&$0) } }
}
