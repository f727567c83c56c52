import Crypto
import Foundation
import GRDB
import RoostCore

/// Where the keys of subjects are: `keys.db` holds them, wrapped by the key in `master.key`. Nobody else may enter.
package struct VaultFiles: Sendable {
    package let directory: String
    /// Says, outside the vault, which master key belongs to the log: so that a vault that is gone is missed. nil says nothing.
    private let mark: String?

    package init(directory: String, mark: String? = nil) {
        self.directory = directory
        self.mark = mark
    }

    package var database: String { directory + "/keys.db" }
    package var masterKey: String { directory + "/master.key" }

    /// Makes what is missing, durably. Throws when keys were there before, and those or the one that opens them are not there
    /// now.
    package func prepare() throws {
        try checkPresence()
        try makeMasterKey()
        let proof = Self.proof(of: try master())
        if let known = try knownProof(), known != proof {
            throw VaultError(
                "\(masterKey) is not the key that this cluster's personal data was sealed with",
                next: "roost vault restore DIR, with a backup of the right vault")
        }
        try Vault(self, isNew: true).close()
        try Self.sync(directory)
        guard let mark, try knownProof() == nil else { return }
        try (proof + "\n").write(toFile: mark, atomically: true, encoding: .utf8)
        try Self.sync(mark)
        try Self.sync(URL(fileURLWithPath: mark).deletingLastPathComponent().path)
    }

    /// Throws when the log was sealed by keys that are not there.
    package func checkPresence() throws {
        guard try knownProof() != nil else { return }
        for path in [masterKey, database] where !FileManager.default.fileExists(atPath: path) {
            throw VaultError(
                "the keys that this cluster's personal data was sealed with are missing: \(path)",
                next: "roost vault restore DIR")
        }
    }

    private func knownProof() throws -> String? {
        guard let mark, FileManager.default.fileExists(atPath: mark) else { return nil }
        return try String(contentsOfFile: mark, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Tells master keys apart and nothing else.
    static func proof(of master: SymmetricKey) -> String {
        Hexadecimal.text(Array(SHA256.hash(data: master.withUnsafeBytes { Data($0) })))
    }

    private func makeMasterKey() throws {
        let files = FileManager.default
        try files.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        guard !files.fileExists(atPath: masterKey) else { return _ = try master() }
        guard !files.fileExists(atPath: database) else {
            throw VaultError(
                "\(masterKey) is missing, and \(database) cannot be read without it", next: "restore the file")
        }
        let key = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
        let isMade = files.createFile(
            atPath: masterKey + ".new", contents: Data((Hexadecimal.text(key) + "\n").utf8),
            attributes: [.posixPermissions: 0o600])
        guard isMade else { throw VaultError("\(masterKey) cannot be written", next: "is the directory writable?") }
        try Self.sync(masterKey + ".new")
        try files.moveItem(atPath: masterKey + ".new", toPath: masterKey)
        try Self.sync(directory)
    }

    /// Makes a file, or what was renamed in a directory, survive a loss of power.
    static func sync(_ path: String) throws {
        let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC)
        let isSynced = descriptor >= 0 && fsync(descriptor) == 0
        if descriptor >= 0 { close(descriptor) }
        guard isSynced else { throw VaultError("\(path) cannot be made durable", next: "is the disk in order?") }
    }

    func master() throws -> SymmetricKey {
        let text: String
        do {
            text = try String(contentsOfFile: masterKey, encoding: .utf8).trimmingCharacters(
                in: .whitespacesAndNewlines)
        } catch {
            throw VaultError("\(masterKey) cannot be read", next: "restore the file")
        }
        let digits = Array(text.utf8)
        let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
            UInt8(String(decoding: digits[$0...($0 + 1)], as: UTF8.self), radix: 16)
        }
        guard digits.count == 64, bytes.count == 32 else {
            throw VaultError("\(masterKey) holds no key: 64 hexadecimal digits are expected", next: "restore the file")
        }
        return SymmetricKey(data: bytes)
    }

    /// `version` counts erasures: whoever holds keys in memory lets go of them when it has moved, and says so in `acks`.
    static let schema = """
        CREATE TABLE IF NOT EXISTS vault(one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL, master TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS keys(id BLOB PRIMARY KEY, subject TEXT NOT NULL, wrapped BLOB) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS keys_by_subject ON keys(subject);
        CREATE TABLE IF NOT EXISTS erasures(
            subject TEXT PRIMARY KEY, began INTEGER NOT NULL, destroyed INTEGER, draft TEXT, certificate TEXT) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS acks(process TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;
        """

    func openReadOnly() throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = true
        return try DatabaseQueue(path: database, configuration: configuration)
    }

    func open() throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON")
        }
        return try DatabaseQueue(path: database, configuration: configuration)
    }
}
