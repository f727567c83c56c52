import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The files of one projection: generations `1.db`, `2.db` … and a pointer file `current` that names the live one.
///
/// Switching is one rename of the pointer: whoever opens the projection finds the old or the new generation, whole.
package struct ProjectionFiles: Sendable {
    package let directory: String

    package init(directory: String) { self.directory = directory }

    /// The generation that is live; the first one when nothing was ever switched.
    package func current() throws -> Int {
        let path = directory + "/current"
        guard FileManager.default.fileExists(atPath: path) else { return 1 }
        let text = try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        guard let generation = Int(text) else {
            throw ReaderFailure("\(path) does not name a generation; write the number of the newest .db file into it")
        }
        return generation
    }

    package func path(generation: Int) -> String { "\(directory)/\(generation).db" }

    /// Where the process that writes a generation notes what it is at: see `CrashMark`.
    package func markPath(generation: Int) -> String { path(generation: generation) + Self.markSuffix }

    private static let markSuffix = ".at"

    /// The database that is live.
    package func currentPath() throws -> String { path(generation: try current()) }

    package func prepare() throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    /// Makes a generation the live one: durable, and atomic for whoever opens the projection.
    package func activate(generation: Int) throws {
        let temporary = directory + "/current.new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard descriptor >= 0 else {
            throw ReaderFailure("cannot write \(temporary): \(String(cString: strerror(errno)))")
        }
        let text = Array("\(generation)\n".utf8)
        let written = write(descriptor, text, text.count)
        let synced = fsync(descriptor)
        _ = close(descriptor)
        guard written == text.count, synced == 0, rename(temporary, directory + "/current") == 0 else {
            throw ReaderFailure("cannot switch \(directory)/current: \(String(cString: strerror(errno)))")
        }
        try syncDirectory()
    }

    /// Makes the rename survive a loss of power: an older generation may be removed right after it.
    private func syncDirectory() throws {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY)
        defer { if descriptor >= 0 { _ = close(descriptor) } }
        guard descriptor >= 0, fsync(descriptor) == 0 else {
            throw ReaderFailure("cannot sync \(directory): \(String(cString: strerror(errno)))")
        }
    }

    /// Prepares a generation to be rebuilt, from a base or from nothing. One whose rebuild from the same by the same build was
    /// interrupted is kept, to go on with: then it returns true. One that was finished, or begun otherwise, is made again; `admit`
    /// looks at it first.
    @discardableResult
    func beginRebuild(
        of generation: Int, by build: String = "", from base: ProjectionBase? = nil, admit: () throws -> Void = {}
    ) throws -> Bool {
        let mark = rebuildMark(generation)
        let kind = build + (base.map { "\n" + $0.certificate.digest } ?? "")
        if FileManager.default.fileExists(atPath: mark), try String(contentsOfFile: mark, encoding: .utf8) == kind {
            return true
        }
        // Without a mark what is there counts for nothing, so the mark comes last.
        for path in [mark] + ["", "-wal", "-shm", Self.markSuffix].map({ self.path(generation: generation) + $0 }) {
            try remove(path)
        }
        if let base { try FileManager.default.copyItem(atPath: base.rows, toPath: path(generation: generation)) }
        try admit()
        try Data(kind.utf8).write(to: URL(fileURLWithPath: mark), options: .atomic)
        return false
    }

    /// Lets the next rebuild begin with the first event, whatever an interrupted one has left. While none runs.
    package func discardRebuild() throws { try remove(rebuildMark(try current() + 1)) }

    private func remove(_ path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else { return }
        try FileManager.default.removeItem(atPath: path)
    }

    /// The generation is complete.
    package func endRebuild(of generation: Int) throws {
        try FileManager.default.removeItem(atPath: rebuildMark(generation))
    }

    /// The generation is there, and complete.
    func isMade(_ generation: Int) -> Bool {
        FileManager.default.fileExists(atPath: path(generation: generation))
            && !FileManager.default.fileExists(atPath: rebuildMark(generation))
    }

    private func rebuildMark(_ generation: Int) -> String { "\(directory)/\(generation).rebuilding" }

    /// Removes generations older than the live one.
    package func removeOlder() throws {
        let live = try current()
        for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
            guard let dot = name.firstIndex(of: "."), let generation = Int(name[..<dot]), generation < live else {
                continue
            }
            try FileManager.default.removeItem(atPath: "\(directory)/\(name)")
        }
    }
}
