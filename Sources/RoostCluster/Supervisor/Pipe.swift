import Foundation

/// Both ends of a pipe that no child inherits unless it is given one.
struct Pipe: Sendable {
    let read: Int32
    let write: Int32

    static func make() throws(SystemCallError) -> Pipe {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SystemCallError("pipe", "pipe") }
        // Not atomic, and need not be: the thread that makes pipes is the only one that starts processes.
        ends.forEach { _ = fcntl($0, F_SETFD, FD_CLOEXEC) }
        return Pipe(read: ends[0], write: ends[1])
    }
}
