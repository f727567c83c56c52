import Foundation

/// The right to supervise a directory. The kernel takes it back when the process ends, however it ends.
final class ClusterLock: Sendable {
    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// nil when another process holds it.
    static func take(_ directory: ClusterDirectory) throws(ClusterError) -> ClusterLock? {
        let descriptor = open(directory.lockFile, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw ClusterError(SystemCallError("open", directory.lockFile)) }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return ClusterLock(descriptor: descriptor) }
        let code = errno
        close(descriptor)
        guard code == EWOULDBLOCK else { throw ClusterError(SystemCallError("flock", directory.lockFile)) }
        return nil
    }
}
