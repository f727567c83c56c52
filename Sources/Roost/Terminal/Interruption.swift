import Foundation
import Synchronization

/// What Ctrl-C does to a command that is not the supervisor: it ends at once with 130.
enum Interruption {
    static func exitOnInterrupt() { exitOnInterrupt(saying: "") }

    /// The same, with some last words.
    static func exitOnInterrupt(saying words: StaticString) {
        lastWords.withLock { $0 = words }
        signal(SIGINT) { _ in
            // No more than a signal may do.
            if let words = Interruption.lastWords.withLockIfAvailable({ $0 }) {
                _ = write(STDERR_FILENO, words.utf8Start, words.utf8CodeUnitCount)
            }
            _exit(130)
        }
    }

    private static let lastWords = Mutex<StaticString>("")

    private static let isRequested = Atomic<Bool>(false)

    /// From now on Ctrl-C, the end of the terminal and a request to end are only noted, for who stops things in order.
    static func watch() {
        for number in [SIGINT, SIGHUP, SIGTERM] {
            signal(number) { _ in Interruption.isRequested.store(true, ordering: .relaxed) }
        }
    }

    /// Since `watch`.
    static var wasRequested: Bool { isRequested.load(ordering: .relaxed) }

    /// Notes them while `body` runs, which looks at `wasRequested` now and then; not afterwards any more.
    static func watching<Result>(_ body: () throws -> Result) rethrows -> Result {
        watch()
        defer {
            for number in [SIGHUP, SIGTERM] { signal(number, SIG_DFL) }
            exitOnInterrupt()
        }
        return try body()
    }

    /// For commands that stop things in order when interrupted.
    static func restore() { signal(SIGINT, SIG_DFL) }
}
