import Foundation

/// What Ctrl-C does to a command that is not the supervisor: it ends at once with 130.
enum Interruption {
    static func exitOnInterrupt() { signal(SIGINT) { _ in _exit(130) } }

    /// Runs what must not be left half-done: Ctrl-C has no effect meanwhile.
    static func withoutInterruption<Result>(_ body: () throws -> Result) rethrows -> Result {
        signal(SIGINT, SIG_IGN)
        defer { exitOnInterrupt() }
        return try body()
    }

    /// For commands that stop things in order when interrupted.
    static func restore() { signal(SIGINT, SIG_DFL) }
}
