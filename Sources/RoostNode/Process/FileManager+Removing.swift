import Foundation

extension FileManager {
    /// Removes what may be gone by now, or never was there.
    func removeIfThere(_ path: String) throws {
        do { try removeItem(atPath: path) } catch CocoaError.fileNoSuchFile { return }
    }

    /// Removes a database, which nobody has open, before its side files: nobody shall open an older state of it.
    func removeDatabase(_ path: String) throws {
        for suffix in ["", "-wal", "-shm"] { try removeIfThere(path + suffix) }
    }
}
