import Foundation
package import RoostLog

/// Changes to files and directories that survive a loss of power, once the directory is synced too.
package enum DurableFiles {
    /// Makes what was written to a file, or renamed in a directory, survive a loss of power.
    package static func sync(_ path: String) throws(EventLogError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failed("open", path) }
        let result = fsync(descriptor)
        let failure = failed("fsync", path)
        close(descriptor)
        guard result == 0 else { throw failure }
    }

    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Renames a file or a directory; the target must not be a directory with something in it.
    package static func move(_ source: String, to target: String) throws(EventLogError) {
        guard rename(source, target) == 0 else { throw failed("rename", source) }
    }

    /// Removes a file; it is no error when there is none.
    package static func remove(_ path: String) throws(EventLogError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw failed("unlink", path) }
    }

    private static func failed(_ call: String, _ path: String) -> EventLogError {
        EventLogError(.unavailable, "\(call) of \(path) failed: \(String(cString: strerror(errno)))")
    }
}
