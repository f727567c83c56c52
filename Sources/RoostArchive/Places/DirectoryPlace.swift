import Foundation
package import RoostLog

/// Archives in a directory of this machine.
package struct DirectoryPlace: ArchivePlace {
    package let address: String
    package var location: String { address == "/" ? address : address + "/" }

    /// `path` is absolute.
    package init(path: String) { address = path }

    package func read(_ name: String) throws(EventLogError) -> [UInt8]? {
        try read(name, from: 0, bytes: .max)
    }

    package func read(_ name: String, from offset: Int, bytes: Int) throws(EventLogError) -> [UInt8]? {
        let path = path(name)
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        do {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            if offset > 0 { try file.seek(toOffset: UInt64(offset)) }
            return Array(try (bytes == .max ? file.readToEnd() : file.read(upToCount: bytes)) ?? Data())
        } catch {
            throw EventLogError(
                .unavailable, "\(path) cannot be read: \(error.localizedDescription) Check that this user may")
        }
    }

    package func size(of name: String) throws(EventLogError) -> Int? {
        guard FileManager.default.fileExists(atPath: path(name)) else { return nil }
        do {
            return try FileManager.default.attributesOfItem(atPath: path(name))[.size] as? Int
        } catch {
            throw EventLogError(.unavailable, "\(path(name)) cannot be looked at: \(error.localizedDescription)")
        }
    }

    package func write(_ bytes: [UInt8], to name: String) throws(EventLogError) {
        let new = try prepare(bytes, for: name)
        try DurableFiles.move(new.path, to: path(name))
        for directory in new.directories { try DurableFiles.sync(directory) }
    }

    package func create(_ bytes: [UInt8], at name: String) throws(EventLogError) -> Bool {
        let new = try prepare(bytes, for: name)
        let isNew = link(new.path, path(name)) == 0
        let code = errno
        try DurableFiles.remove(new.path)
        guard isNew || code == EEXIST else {
            throw EventLogError(.unavailable, "\(path(name)) cannot be made: \(String(cString: strerror(code)))")
        }
        for directory in new.directories { try DurableFiles.sync(directory) }
        return isNew
    }

    package func remove(_ name: String) throws(EventLogError) {
        guard FileManager.default.fileExists(atPath: path(name)) else { return }
        try DurableFiles.remove(path(name))
        try DurableFiles.sync(directory(of: path(name)))
    }

    /// Writes and syncs a file beside its place. Its name begins with a dot, so nobody takes it for an archive.
    private func prepare(
        _ bytes: [UInt8], for name: String
    ) throws(EventLogError) -> (path: String, directories: [String]) {
        let target = path(name)
        let directories = try makeDirectories(above: target)
        let new = "\(directory(of: target))/.\(UUID().uuidString).unfinished"
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: new))
        } catch {
            // What is left of it takes space that somebody needs.
            try DurableFiles.remove(new)
            throw EventLogError(
                .unavailable,
                "\(target) cannot be written: \(error.localizedDescription) Is \(address) writable, and is there space?"
            )
        }
        try DurableFiles.sync(new)
        return (new, directories)
    }

    /// Returns every directory whose entries may be new: up to the first that was there before.
    private func makeDirectories(above path: String) throws(EventLogError) -> [String] {
        var directories = [directory(of: path)]
        while let newest = directories.last, newest != "/", !FileManager.default.fileExists(atPath: newest) {
            directories.append(directory(of: newest))
        }
        do {
            try FileManager.default.createDirectory(
                atPath: directories[0], withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw EventLogError(
                .unavailable,
                "\(directories[0]) cannot be made: \(error.localizedDescription) Name a directory below one that is writable"
            )
        }
        return directories
    }

    private func directory(of path: String) -> String { URL(fileURLWithPath: path).deletingLastPathComponent().path }
    private func path(_ name: String) -> String { "\(location)\(name)" }
}
