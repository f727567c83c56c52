#if ROOST_MUTANTS
    import Synchronization
#endif

/// Bugs on purpose: they show that drills find what they are for. Only a build with `-Xswiftc -DROOST_MUTANTS` has them, and of
/// those a process the one that `ROOST_MUTANT` names; in every other build `isPlanted` is a constant.
package enum Mutant: String, CaseIterable, Sendable {
    /// A reader applies what it hears although something is missing before it.
    case skipGapCheck = "skip-gap-check"
    /// The checkpoint of a projection is stored before its rows.
    case checkpointBeforeState = "checkpoint-before-state"
    /// Events are published, and commands answered, before the commit.
    case publishBeforeCommit = "publish-before-commit"
    /// A commit returns before the disk has it.
    case acknowledgeBeforeSync = "acknowledge-before-sync"
    /// An append does not ask whose epoch it is.
    case noEpochCheck = "no-epoch-check"
    /// A command that is sent again is executed again.
    case noCommandIDCheck = "no-command-id-check"
    /// A rebuild begins with the rows that are there.
    case rebuildWithoutReset = "rebuild-without-reset"
    /// A rebuilt projection takes the live one's place before its last batch is applied, and says that it is.
    case swapBeforeLastBatch = "swap-before-last-batch"

    #if ROOST_MUTANTS
        private static let planted = Mutex<Mutant?>(nil)

        package var isPlanted: Bool { self == Self.planted.withLock { $0 } }
        /// For the rest of this process.
        package func plant() { Self.planted.withLock { $0 = self } }
    #else
        @inlinable package var isPlanted: Bool { false }
    #endif
}
