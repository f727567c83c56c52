package import Foundation
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

    /// Writes a small file as a whole: a crash leaves what was there or what is there now.
    package static func replace(_ path: String, with data: Data) throws(EventLogError) {
        let new = path + ".new"
        do {
            try data.write(to: URL(fileURLWithPath: new))
        } catch {
            throw EventLogError(.unavailable, "\(path) cannot be written: is its directory writable?", cause: error)
        }
        try sync(new)
        try move(new, to: path)
        try sync(URL(fileURLWithPath: path).deletingLastPathComponent().path)
    }

    /// The same for a value, as JSON that a person can read.
    package static func replace(_ path: String, with value: some Encodable) throws(EventLogError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let data: Data
        do { data = try encoder.encode(value) } catch {
            throw EventLogError(.invalid, "what \(path) should hold cannot be written", cause: error)
        }
        try replace(path, with: data)
    }

    private static func failed(_ call: String, _ path: String) -> EventLogError {
        EventLogError(.unavailable, "\(call) of \(path) failed: \(String(cString: strerror(errno)))")
    }
}
