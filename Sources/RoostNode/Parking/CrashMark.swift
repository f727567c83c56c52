import RoostCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The file in which a process notes what it is at, so that its next life knows which event ended it. Outside of the database,
/// whose transaction dies with the process. What was written survives the process, not a loss of power, which no event causes.
///
/// While all is well a transaction costs two short writes; after a death each event costs one, until the heads are reached.
final class CrashMark {
    private let descriptor: Int32
    private var history: CrashHistory
    /// Every event is noted before it is applied.
    private(set) var isCareful: Bool
    /// The event at which too many lives have ended, and how many.
    let condemned: EventPlace?
    let deaths: UInt64
    /// The parked event that the last two lives died at when it was tried again: one death may have come from outside.
    let diedRetrying: EventPlace?

    init(path: String, crashesMax: UInt64) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw ReaderFailure("cannot open \(path): \(String(cString: strerror(errno))); see roost doctor")
        }
        var words = [UInt64](repeating: 0, count: CrashHistory.wordCount)
        self.descriptor = descriptor
        let count = words.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        let found = CrashHistory(words: count == words.count * 8 ? words : [])
        history = found.afterDeath()
        isCareful = found.callsForCare
        diedRetrying = history.retryDeaths >= 2 ? history.retried : nil
        deaths = history.deaths
        condemned = history.deaths >= crashesMax ? history.suspect : nil
        write()
    }

    deinit { _ = close(descriptor) }

    /// A transaction begins.
    func begin() { note(.batch, nil) }

    /// An event is about to be applied.
    func enter(_ place: EventPlace) { if isCareful { note(.event, place) } }

    /// A parked event is about to be tried again.
    func enterRetry(_ place: EventPlace) { note(.retry, place) }

    /// What was tried again is over, well or not.
    func forgetRetry() {
        guard history.retried != nil else { return }
        history.forgetRetry()
        write()
    }

    /// The transaction is over, well or not; `progress` says what it has reached.
    func end(reached: (PartitionID) -> Position) {
        if let suspect = history.suspect, reached(suspect.partition) >= suspect.position {
            history.pass()
        }
        note(.nothing, nil)
    }

    /// The suspect is known elsewhere.
    func pass() {
        history.pass()
        write()
    }

    /// All that was there at the last death is applied.
    func relax() { isCareful = history.suspect != nil }

    private func note(_ doing: CrashHistory.Doing, _ place: EventPlace?) {
        history.doing = doing
        history.place = place
        write()
    }

    /// A full disk keeps an old mark: then a death is not counted, which a later one will be.
    private func write() {
        let words = history.words
        _ = words.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }
}
