import Foundation

/// What Ctrl-C does to a command that is not the supervisor: it ends at once with 130.
enum Interruption {
    static func exitOnInterrupt() { signal(SIGINT) { _ in _exit(130) } }

    /// For commands that stop things in order when interrupted.
    static func restore() { signal(SIGINT, SIG_DFL) }
}
