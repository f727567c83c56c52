import Crypto
import Foundation
package import GRDB
package import RoostCore
import Synchronization

/// The keys of all subjects of a cluster, as one process uses them: made when they are first needed, cached, gone once their
/// subject is erased.
///
/// Every process makes keys of its own for the subjects whose events it stores, so no two wait for each other; a subject may
/// have several. Safe from any thread.
package final class Vault: PersonalKeys {
    private struct State {
        var keys: [KeyID: SubjectKey] = [:]
        var own: [String: SubjectKey] = [:]
        var pending: [SubjectKey] = []
        /// Of whoever erases.
        var looked: [KeyID: SubjectKey] = [:]
        var erased: Set<String> = []
        var version: Int64 = 0
        /// The version that was acknowledged last.
        var told: Int64 = -1
        var observers: [@Sendable () -> Void] = []
    }

    /// Keys that are kept in memory.
    private static let cacheMax = 100_000
    package let queue: DatabaseQueue
    private let master: SymmetricKey
    private let state = Mutex(State())

    /// Throws for a key file that holds no key, or another than the keys were wrapped by, and for a vault without its keys
    /// unless it is new.
    package init(_ files: VaultFiles, isNew: Bool = false) throws {
        master = try files.master()
        guard isNew || FileManager.default.fileExists(atPath: files.database) else {
            throw VaultError("\(files.database) is missing", kind: .missing, next: "roost vault restore DIR")
        }
        queue = try files.open()
        let proof = VaultFiles.proof(of: master)
        let stored = try queue.write { database -> String? in
            try database.execute(sql: VaultFiles.schema)
            try database.execute(sql: "INSERT OR IGNORE INTO vault VALUES(1, 0, ?)", arguments: [proof])
            return try String.fetchOne(database, sql: "SELECT master FROM vault")
        }
        guard stored == proof else {
            throw VaultError(
                "\(files.masterKey) is not the key that \(files.database) was written with",
                next: "restore the right one")
        }
        _ = try refresh()
    }

    package func close() throws { try queue.close() }

    package func seal(_ payload: UnsafeRawBufferPointer, of subject: String?, in event: EventID) throws -> [UInt8]? {
        guard MarkedObjects.find(.sealed, in: payload).isEmpty else {
            throw Rejection(
                "the event holds an object with 'sealed' as its only member, which is how sealed data is stored",
                next: "give that field another name")
        }
        let found = MarkedObjects.find(.plain, in: payload)
        guard !found.isEmpty else { return nil }
        guard let subject else {
            throw Rejection(
                "the event holds personal data and names nobody whose it is",
                next: "give its payload type a 'subject'")
        }
        let key = try self.key(for: subject)
        return try MarkedObjects.replacing(found, of: payload) { object in
            let value = UnsafeRawBufferPointer(rebasing: payload[object.value])
            let sealed = try SealedText(sealing: value, by: key, event: event, path: object.path)
            return Array(#"{"sealed":""#.utf8) + sealed.text + Array(#""}"#.utf8)
        }
    }

    package func open(_ payload: UnsafeRawBufferPointer, in event: EventID) throws -> [UInt8]? {
        let found = MarkedObjects.find(.sealed, in: payload)
        guard !found.isEmpty else { return nil }
        return try MarkedObjects.replacing(found, of: payload) { object in
            let sealed = try Self.sealedText(object, payload, event)
            guard let key = try self.key(sealed.keyID, event) else { return Array(#"{"erased":true}"#.utf8) }
            return Array(#"{"plain":"#.utf8) + (try Self.open(sealed, key, event, object.path)) + Array("}".utf8)
        }
    }

    private static func sealedText(
        _ object: MarkedObjects.Found, _ payload: UnsafeRawBufferPointer, _ event: EventID
    ) throws -> SealedText {
        // Without the quotes.
        let text = payload[object.value].dropFirst().dropLast()
        guard let sealed = SealedText(UnsafeRawBufferPointer(rebasing: text)) else {
            throw VaultError(
                "\(object.path) of event \(event) is sealed in a way that this build does not know",
                next: "run the newer application")
        }
        return sealed
    }

    private static func open(
        _ sealed: SealedText, _ key: SubjectKey, _ event: EventID, _ path: String
    ) throws -> [UInt8] {
        do {
            return try sealed.open(by: key, event: event, path: path)
        } catch {
            throw VaultError(
                "\(path) of event \(event) was altered, or moved from another place",
                next: "see what is wrong: roost log verify")
        }
    }

    /// The personal values of a payload in JSON, also those of a subject that is being erased; what is gone is left out.
    /// `isReadable` says that one of them is stored as it is, without a key; `isPersonal` that there is one at all.
    package func values(
        in payload: UnsafeRawBufferPointer, of event: EventID
    ) throws -> (values: [[UInt8]], isReadable: Bool, isPersonal: Bool) {
        let readable = MarkedObjects.find(.plain, in: payload)
        let sealed = MarkedObjects.find(.sealed, in: payload)
        var values = readable.map { Array(payload[$0.value]) }
        for object in sealed {
            let text = try Self.sealedText(object, payload, event)
            guard let key = try anyKey(text.keyID) else { continue }
            values.append(try Self.open(text, key, event, object.path))
        }
        return (values, !readable.isEmpty, !readable.isEmpty || !sealed.isEmpty)
    }

    /// Also one of a subject that is being erased; kept for the next value.
    private func anyKey(_ id: KeyID) throws -> SubjectKey? {
        if let known = state.withLock({ $0.looked[id] }) { return known }
        guard let stored = try stored(id), let key = stored.key else { return nil }
        let known = SubjectKey(id: id, subject: stored.subject, key: key)
        state.withLock { state in
            if state.looked.count >= Self.cacheMax { state.looked = [:] }
            state.looked[id] = known
        }
        return known
    }

    package func persist() throws {
        guard state.withLock({ !$0.pending.isEmpty }) else { return }
        // Keys stay pending until they are stored: whoever needs one of them meanwhile waits for the same transaction.
        let stored = try queue.write { database in
            let pending = state.withLock { $0.pending }
            for key in pending {
                let isErased = try Bool.fetchOne(
                    database, sql: "SELECT EXISTS (SELECT 1 FROM erasures WHERE subject = ?)", arguments: [key.subject])
                // Its events are on their way into the log: they read as erased, and nobody ever gets the key.
                let wrapped = isErased == true ? nil : try AES.KeyWrap.wrap(key.key, using: master)
                try database.execute(
                    sql: "INSERT OR IGNORE INTO keys VALUES(?,?,?)", arguments: [key.id.data, key.subject, wrapped])
            }
            return Set(pending.map(\.id))
        }
        state.withLock { state in state.pending.removeAll { stored.contains($0.id) } }
    }

    /// Looks whether a subject was erased since the last look, and lets go of all keys if so. True when there was one.
    package func refresh() throws -> Bool {
        let (version, erased) = try queue.read { database in
            let version = try Int64.fetchOne(database, sql: "SELECT version FROM vault") ?? 0
            guard version != state.withLock({ $0.version }) else { return (version, Set<String>?.none) }
            return (version, Set(try String.fetchAll(database, sql: "SELECT subject FROM erasures")))
        }
        guard let erased else { return false }
        let observers = state.withLock { state in
            state.version = version
            state.erased = erased
            state.keys = [:]
            state.own = [:]
            state.looked = [:]
            return state.observers
        }
        for observer in observers { observer() }
        return true
    }

    /// Calls `body` whenever a subject was erased and the keys in memory are gone.
    package func onErasure(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.observers.append(body) } }

    /// Tells who erases that this process has let go of every key it had before. Does nothing when it was told already.
    package func acknowledge(as process: String) throws {
        let (version, told) = state.withLock { ($0.version, $0.told) }
        guard version != told else { return }
        try queue.write { database in
            try database.execute(sql: "INSERT OR REPLACE INTO acks VALUES(?,?)", arguments: [process, version])
        }
        state.withLock { $0.told = version }
    }

    /// What this process seals with for a subject.
    private func key(for subject: String) throws -> SubjectKey {
        try state.withLock { state in
            guard !state.erased.contains(subject) else {
                throw Rejection("\(subject) was erased: its data is not stored again.", next: "Use a new ID.")
            }
            if let key = state.own[subject] { return key }
            let id = KeyID(SymmetricKey(size: .bits128).withUnsafeBytes { Data($0) })
            let key = SubjectKey(id: id, subject: subject, key: SymmetricKey(size: .bits256))
            if state.own.count >= Self.cacheMax { state.own = [:] }
            state.own[subject] = key
            state.pending.append(key)
            return key
        }
    }

    /// nil when its subject is erased.
    private func key(_ id: KeyID, _ event: EventID) throws -> SubjectKey? {
        let (cached, erased) = state.withLock { state in
            let key = state.keys[id] ?? state.pending.first { $0.id == id }
            return (key, key.map { state.erased.contains($0.subject) } ?? false)
        }
        if let cached { return erased ? nil : cached }
        guard let stored = try stored(id) else {
            throw VaultError(
                "the key that event \(event) was sealed with is not in \(queue.path)", next: "restore the vault")
        }
        guard let key = stored.key else { return nil }
        return state.withLock { state in
            guard !state.erased.contains(stored.subject) else { return nil }
            if state.keys.count >= Self.cacheMax { state.keys = [:] }
            let known = SubjectKey(id: id, subject: stored.subject, key: key)
            state.keys[id] = known
            return known
        }
    }

    private func stored(_ id: KeyID) throws -> (subject: String, key: SymmetricKey?)? {
        let row = try queue.read { database in
            try Row.fetchOne(database, sql: "SELECT subject, wrapped FROM keys WHERE id = ?", arguments: [id.data])
        }
        guard let row else { return nil }
        let wrapped: Data? = row["wrapped"]
        return (row["subject"], try wrapped.map { try AES.KeyWrap.unwrap($0, using: master) })
    }
}
