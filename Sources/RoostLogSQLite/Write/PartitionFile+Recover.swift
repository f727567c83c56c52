import Foundation
import GRDBSQLite
import RoostCore
import RoostLog

/// After a failed write nobody knows what the kernel still holds of a file. So what can be read of it is copied, synced
/// and checked, and the copy takes the file's place. Each step can be repeated after a crash at any point:
///
/// 1. copy to `….recovering`, sync, verify, rename to `….recovered`
/// 2. remove the old -wal and -shm, which must not be applied to the copy
/// 3. rename the copy to the file's name, remove the mark
extension PartitionFile {
    private var copyPath: String { "\(path).recovering" }
    private var recoveredPath: String { "\(path).recovered" }

    func recoverIfSuspect() throws(EventLogError) {
        guard isSuspect else { return }
        if !FileManager.default.fileExists(atPath: recoveredPath) { try makeRecovered() }
        for suffix in ["-wal", "-shm"] {
            try LogDirectory.remove(path + suffix)
            try LogDirectory.remove(recoveredPath + suffix)
        }
        try LogDirectory.sync(directory.path)
        try LogDirectory.move(recoveredPath, to: path)
        try LogDirectory.sync(directory.path)
        try LogDirectory.remove(suspectPath)
        try LogDirectory.sync(directory.path)
    }

    private func makeRecovered() throws(EventLogError) {
        try checkExists()
        for suffix in ["", "-wal", "-shm", "-journal"] { try LogDirectory.remove(copyPath + suffix) }
        do { try copy() } catch { throw error.whileReading(path) }
        try LogDirectory.sync(copyPath)
        try verifyCopy()
        for suffix in ["-wal", "-shm", "-journal"] { try LogDirectory.remove(copyPath + suffix) }
        try LogDirectory.sync(copyPath)
        try LogDirectory.move(copyPath, to: recoveredPath)
        try LogDirectory.sync(directory.path)
    }

    private func copy() throws(SQLiteFailure) {
        let source = try Connection(path: path, isReadOnly: true)
        let target = try Connection(path: copyPath, isReadOnly: false)
        try withExtendedLifetime((source, target)) { () throws(SQLiteFailure) in
            guard let backup = unsafe sqlite3_backup_init(target.handle, "main", source.handle, "main") else {
                throw unsafe SQLiteFailure(of: target.handle)
            }
            let stepped = unsafe sqlite3_backup_step(backup, -1)
            guard unsafe sqlite3_backup_finish(backup) == SQLITE_OK, stepped == SQLITE_DONE else {
                throw unsafe SQLiteFailure(of: target.handle)
            }
        }
    }

    private func verifyCopy() throws(EventLogError) {
        let reader = SQLiteReader(self, path: copyPath)
        let findings = try reader.verify { _ in }
        guard let first = findings.first else { return }
        throw EventLogError(
            .corrupt,
            "partition file \(path) is damaged after a failed write (position \(first.position): \(first.problem)): "
                + "restore it from a backup, then remove \(suspectPath)")
    }
}
