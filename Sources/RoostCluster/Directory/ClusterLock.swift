import Foundation

/// A right that one process at a time has, as that to supervise a directory. The kernel takes it back when the process ends, however it ends.
package final class ClusterLock: Sendable {
    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// nil when another process holds it.
    static func take(_ directory: ClusterDirectory) throws(ClusterError) -> ClusterLock? {
        try take(at: directory.lockFile)
    }

    /// The same for another right, that a file stands for.
    package static func take(at path: String) throws(ClusterError) -> ClusterLock? {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw ClusterError(SystemCallError("open", path)) }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return ClusterLock(descriptor: descriptor) }
        let code = errno
        close(descriptor)
        guard code == EWOULDBLOCK else { throw ClusterError(SystemCallError("flock", path)) }
        return nil
    }
}
