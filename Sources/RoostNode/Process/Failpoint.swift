import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Moments at which a test or a drill may kill this process: `ROOST_FAILPOINT=NAME@COUNT:MARKER` ends it with SIGKILL
/// when it reaches NAME for the COUNT-th time, once: the file MARKER is made first, and where it exists nothing happens.
/// With `@COUNT.stop` the process stands still there, with SIGSTOP, until somebody continues it; with `every` as COUNT it ends
/// each time.
package enum Failpoint: String, CaseIterable, Sendable {
    /// Commands are decided; nothing is stored yet.
    case beforeCommit = "log.before-commit"
    /// Stored, neither published nor answered.
    case afterCommit = "log.after-commit"
    /// Published, not answered.
    case beforeAnswer = "publisher.before-answer"
    /// A commit is written to a disk that loses what is not synced, and is not synced yet.
    case beforeSync = "disk.before-sync"
    /// Rows are written; the transaction is open.
    case beforeProjectionCommit = "projection.before-commit"
    /// State and checkpoint have moved.
    case afterProjectionCommit = "projection.after-commit"
    /// Rows and checkpoint of a batch of a rebuild are stored.
    case afterRebuildBatch = "rebuild.after-batch"
    /// An order to swap is off the desk; the pointer has not moved.
    case beforeSwap = "swap.before-pointer"
    /// The pointer has moved; the generation of before is still there.
    case afterSwap = "swap.after-pointer"
    /// Snapshots are written; their transaction is open.
    case beforeSnapshotCommit = "snapshot.before-commit"
    case afterSnapshotCommit = "snapshot.after-commit"
    /// An archive is written and verified; the log does not know it.
    case afterArchiveStored = "archive.after-store"
    /// All archives of a partition are; its owner has not been told.
    case beforeArchiveOrder = "archive.before-order"
    /// The owner is told; nobody waits for it yet.
    case afterArchiveOrder = "archive.after-order"
    /// The log reads archives; their rows are still there, or some of them.
    case whileArchivedRowsGo = "archive.while-deleting"
    /// A backup is complete and not under its name yet.
    case beforeBackupRename = "backup.before-rename"
    /// The subject reads as erased; nothing else is done.
    case afterErasureBegan = "erase.after-begin"
    /// What was made from its data is made again or gone; nothing is searched yet.
    case afterErasureCleaned = "erase.after-cleaning"
    /// Everything is searched; the keys are still there.
    case beforeKeysDestroyed = "erase.before-destruction"
    /// Nobody gets the keys any more; the vault's files may still hold them.
    case whileKeysDestroyed = "erase.while-destroying"
    /// The keys are gone; nothing says so yet but the vault.
    case afterKeysDestroyed = "erase.after-destruction"
    /// What shall be restored is copied; nothing says yet that it will be.
    case beforeRestore = "restore.before-decision"
    /// It is decided; nothing has moved yet.
    case afterRestoreDecision = "restore.after-decision"
    /// The log of before is aside; the restored one is not in its place.
    case betweenRestoreMoves = "restore.between-moves"
    /// Timers are due; their commands are not sent.
    case beforeTimerCommand = "timer.before-command"
    /// The commands of timers have ended; the timers are still pending.
    case afterTimerCommand = "timer.after-command"
    /// Follow-up commands have ended; the checkpoint has not moved.
    case beforeReactorCheckpoint = "reactor.before-checkpoint"

    private final class Armed: Sendable {
        let failpoint: Failpoint
        /// nil for every time.
        let count: Int?
        let signal: Int32
        let marker: String
        let passes = Atomic<Int>(0)

        init(_ failpoint: Failpoint, count: Int?, signal: Int32, marker: String) {
            self.failpoint = failpoint
            self.count = count
            self.signal = signal
            self.marker = marker
        }
    }

    /// Does nothing unless this failpoint was armed from outside.
    package func reach() {
        guard let armed = Self.armed, armed.failpoint == self else { return }
        if let count = armed.count {
            guard armed.passes.add(1, ordering: .relaxed).newValue == count else { return }
            let descriptor = open(armed.marker, O_CREAT | O_EXCL | O_WRONLY, 0o600)
            guard descriptor >= 0 else { return }
            _ = close(descriptor)
        }
        // To this thread, which so goes no further; one sent to the process might stop it a little later.
        _ = raise(armed.signal)
    }

    private static let armed: Armed? = parse(getenv("ROOST_FAILPOINT").map { String(cString: $0) } ?? "")

    private static func parse(_ text: String) -> Armed? {
        guard let at = text.firstIndex(of: "@"), let colon = text[at...].firstIndex(of: ":"),
            let failpoint = Failpoint(rawValue: String(text[..<at])),
            let (count, signal) = moment(text[text.index(after: at)..<colon])
        else { return nil }
        return Armed(failpoint, count: count, signal: signal, marker: String(text[text.index(after: colon)...]))
    }

    private static func moment(_ text: Substring) -> (count: Int?, signal: Int32)? {
        if text == "every" { return (nil, SIGKILL) }
        let stops = text.hasSuffix(".stop")
        return Int(stops ? text.dropLast(5) : text).map { ($0, stops ? SIGSTOP : SIGKILL) }
    }
}
