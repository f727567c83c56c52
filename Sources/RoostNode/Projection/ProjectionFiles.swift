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

    /// What was done may be undone by a loss of power. Whoever has moved the pointer starts again and follows it.
    package struct Unsynced: Error, CustomStringConvertible {
        package let description: String
    }

    /// Makes the rename survive a loss of power: an older generation may be removed right after it.
    private func syncDirectory() throws(Unsynced) { try sync(directory) }

    private func sync(_ path: String) throws(Unsynced) {
        let descriptor = open(path, O_RDONLY)
        defer { if descriptor >= 0 { _ = close(descriptor) } }
        guard descriptor >= 0, fsync(descriptor) == 0 else {
            throw Unsynced(description: "cannot sync \(path): \(String(cString: strerror(errno)))")
        }
    }

    /// nil while another process works at the generation after the live one.
    func lockGeneration() throws -> GenerationLock? { try GenerationLock.take(at: directory + "/generation.lock") }

    /// Prepares a generation to be rebuilt, from a base or from nothing. One whose rebuild from the same by the same build was
    /// interrupted is kept, to go on with: then it returns true. One that was finished, or begun otherwise, is made again; `admit`
    /// looks at it first. With the lock only.
    @discardableResult
    func beginRebuild(
        of generation: Int, by build: String = "", from base: ProjectionBase? = nil, admit: () throws -> Void = {}
    ) throws -> Bool {
        let (mark, begun) = (mark(generation), RebuildMark.begun(by: build, base: base?.certificate.digest))
        if mark.readable == begun { return true }
        // Without a mark what is there counts for nothing, so the mark goes first and comes last.
        try mark.remove()
        try FileManager.default.removeDatabase(path(generation: generation))
        try FileManager.default.removeIfThere(markPath(generation: generation))
        if let base {
            try FileManager.default.copyItem(atPath: base.rows, toPath: path(generation: generation))
            try sync(path(generation: generation))
        }
        try admit()
        try mark.write(begun)
        return false
    }

    /// Lets the next rebuild begin with the first event, whatever an earlier one has left. With the lock only.
    func discardRebuild() throws { try mark(current() + 1).remove() }

    /// The generation is complete, and its rows have this root.
    func endRebuild(of generation: Int, root: String) throws {
        try mark(generation).write(.made(root: root))
    }

    /// The generation was completed with this root, and nobody has begun to make it again.
    func isMade(_ generation: Int, root: String) -> Bool {
        mark(generation).readable == .made(root: root)
            && FileManager.default.fileExists(atPath: path(generation: generation))
    }

    /// How far a rebuild has come with a generation.
    private enum RebuildMark: Codable, Equatable {
        /// Another build, or another base, does not go on with it.
        case begun(by: String, base: String?)
        case made(root: String)
    }

    private func mark(_ generation: Int) -> DeskFile<RebuildMark> {
        DeskFile(path: "\(directory)/\(generation).rebuild")
    }

    /// Removes generations older than the live one: the database before its side files, so that nobody opens an older state of it.
    package func removeOlder() throws {
        let live = try current()
        let older = try FileManager.default.contentsOfDirectory(atPath: directory).sorted().filter { name in
            guard let dot = name.firstIndex(of: "."), let generation = Int(name[..<dot]) else { return false }
            return generation < live
        }
        guard !older.isEmpty else { return }
        // Who moved the pointer may not have lived to do so.
        try syncDirectory()
        // Whoever leaves a generation may do so, too.
        for name in older { try FileManager.default.removeIfThere("\(directory)/\(name)") }
    }
}
