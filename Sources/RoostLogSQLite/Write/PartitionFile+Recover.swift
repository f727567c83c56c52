import Foundation
import RoostArchive
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
            try DurableFiles.remove(path + suffix)
            try DurableFiles.remove(recoveredPath + suffix)
        }
        try DurableFiles.sync(directory.path)
        try DurableFiles.move(recoveredPath, to: path)
        try DurableFiles.sync(directory.path)
        try DurableFiles.remove(suspectPath)
        try DurableFiles.sync(directory.path)
    }

    private func makeRecovered() throws(EventLogError) {
        try checkExists()
        for suffix in ["", "-wal", "-shm", "-journal"] { try DurableFiles.remove(copyPath + suffix) }
        try DatabaseCopy.copy(path, to: copyPath)
        try migrate(copyPath)
        try verifyCopy()
        try DatabaseCopy.settle(copyPath)
        try DurableFiles.move(copyPath, to: recoveredPath)
        try DurableFiles.sync(directory.path)
    }

    private func verifyCopy() throws(EventLogError) {
        let reader = SQLiteReader(self, path: copyPath)
        let findings = try reader.verify(fileAlone: true) { _ in }
        guard let first = findings.first else { return }
        throw EventLogError(
            .corrupt,
            "partition file \(path) is damaged after a failed write (position \(first.position): \(first.problem)): "
                + "restore it from a backup, then remove \(suspectPath)")
    }
}
