import Foundation
import GRDB

/// Copies of a vault. They are kept apart from those of the log: who has both can read what was erased after they were made.
extension VaultFiles {
    /// Copies the keys, as they are at one moment, and the master key to a new directory.
    package func backUp(to directory: String) throws -> Int {
        let building = VaultFiles(directory: directory + ".unfinished")
        let files = FileManager.default
        guard !files.fileExists(atPath: directory) else {
            throw VaultError("\(directory) exists already", kind: .usage, next: "name a new directory")
        }
        _ = try master()
        guard files.fileExists(atPath: database) else {
            throw VaultError("\(database) is missing", kind: .missing, next: "roost vault restore DIR")
        }
        do {
            if files.fileExists(atPath: building.directory) { try files.removeItem(atPath: building.directory) }
            try files.createDirectory(
                atPath: building.directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try files.copyItem(atPath: masterKey, toPath: building.masterKey)
        } catch {
            throw VaultError("\(directory) cannot be written", next: "name a directory below one that is writable")
        }
        let (source, copy) = (try open(), try building.open())
        try source.backup(to: copy)
        let count = try copy.writeWithoutTransaction { database in
            _ = try Row.fetchOne(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            return try Int.fetchOne(database, sql: "SELECT count(*) FROM keys WHERE wrapped IS NOT NULL") ?? 0
        }
        try copy.close()
        try source.close()
        for path in [building.masterKey, building.database, building.directory] { try Self.sync(path) }
        try files.moveItem(atPath: building.directory, toPath: directory)
        try Self.sync(URL(fileURLWithPath: directory).deletingLastPathComponent().path)
        return count
    }

    /// Adds the keys of a backup that are missing here. What is erased here stays erased, and so does what was erased there.
    /// Returns how many keys came back.
    package func restore(from directory: String) throws -> Int {
        let backup = VaultFiles(directory: directory)
        guard FileManager.default.fileExists(atPath: backup.database) else {
            throw VaultError(
                "there are no keys in \(directory)", kind: .missing,
                next: "name a directory that 'roost vault backup' has made")
        }
        let copy = try backup.openReadOnly()
        let before = try countKeys()
        try takeOver(backup)
        guard try master() == backup.master() else {
            throw VaultError(
                "\(backup.masterKey) is not the master key of this vault",
                next: "use a backup of this vault, or move \(self.directory) aside")
        }
        let (keys, erasures) = try copy.read { database in
            (
                try Row.fetchAll(database, sql: "SELECT * FROM keys"),
                try Row.fetchAll(database, sql: "SELECT * FROM erasures")
            )
        }
        let here = try Vault(self)
        try here.queue.write { database in
            for row in erasures {
                try database.execute(
                    sql: "INSERT OR IGNORE INTO erasures VALUES(?,?,?,?,?)",
                    arguments: [row["subject"], row["began"], row["destroyed"], row["draft"], row["certificate"]])
            }
            for row in keys {
                try database.execute(
                    sql: "INSERT OR IGNORE INTO keys VALUES(?,?,?)",
                    arguments: [row["id"], row["subject"], row["wrapped"]])
            }
            try database.execute(
                sql: """
                    UPDATE keys SET wrapped = NULL
                    WHERE subject IN (SELECT subject FROM erasures WHERE destroyed IS NOT NULL);
                    UPDATE vault SET version = version + 1
                    """)
        }
        try here.close()
        return try countKeys() - before
    }

    /// Keys that can be used; none before there is a vault.
    private func countKeys() throws -> Int {
        guard FileManager.default.fileExists(atPath: database) else { return 0 }
        let queue = try openReadOnly()
        defer { closeQuietly(queue) }
        return try queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM keys WHERE wrapped IS NOT NULL") ?? 0 }
    }

    /// A connection that only reads has nothing to lose.
    private func closeQuietly(_ queue: DatabaseQueue) {
        do { try queue.close() } catch { return }
    }

    /// Where nothing is, everything of the backup is put in place, each file whole.
    private func takeOver(_ backup: VaultFiles) throws {
        let files = FileManager.default
        try files.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        for (source, target) in [(backup.masterKey, masterKey), (backup.database, database)]
        where !files.fileExists(atPath: target) {
            if files.fileExists(atPath: target + ".new") { try files.removeItem(atPath: target + ".new") }
            try files.copyItem(atPath: source, toPath: target + ".new")
            try Self.sync(target + ".new")
            try files.moveItem(atPath: target + ".new", toPath: target)
            try Self.sync(directory)
        }
    }
}
