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
            throw EventLogError(.unavailable, "\(path) cannot be read: check that this user may", cause: error)
        }
    }

    package func size(of name: String) throws(EventLogError) -> Int? {
        guard FileManager.default.fileExists(atPath: path(name)) else { return nil }
        do {
            return try FileManager.default.attributesOfItem(atPath: path(name))[.size] as? Int
        } catch {
            throw EventLogError(.unavailable, "\(path(name)) cannot be looked at", cause: error)
        }
    }

    package func write(_ bytes: [UInt8], to name: String) throws(EventLogError) {
        let path = path(name)
        let directories = try makeDirectories(above: path)
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path + ".unfinished"))
        } catch {
            throw EventLogError(
                .unavailable, "\(path) cannot be written: is \(address) writable, and is there space?", cause: error)
        }
        try DurableFiles.sync(path + ".unfinished")
        try DurableFiles.move(path + ".unfinished", to: path)
        for directory in directories { try DurableFiles.sync(directory) }
    }

    /// Returns every directory whose entries may be new.
    private func makeDirectories(above path: String) throws(EventLogError) -> [String] {
        var directories: [String] = []
        var directory = URL(fileURLWithPath: path).deletingLastPathComponent()
        let root = URL(fileURLWithPath: address).deletingLastPathComponent().path
        do {
            try FileManager.default.createDirectory(
                atPath: directory.path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw EventLogError(
                .unavailable, "\(directory.path) cannot be made: name a directory below one that is writable",
                cause: error)
        }
        while directory.path != root, directory.path != "/" {
            directories.append(directory.path)
            directory = directory.deletingLastPathComponent()
        }
        return directories + [root]
    }

    private func path(_ name: String) -> String { "\(address)/\(name)" }
}
