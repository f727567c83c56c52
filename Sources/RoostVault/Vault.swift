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
        var erased: Set<String> = []
        var version: Int64 = 0
        var observers: [@Sendable () -> Void] = []
    }

    /// Keys that are kept in memory.
    private static let cacheMax = 100_000
    package let queue: DatabaseQueue
    private let master: SymmetricKey
    private let state = Mutex(State())

    /// Throws for a key file that holds no key, or another than the keys were wrapped by.
    package init(_ files: VaultFiles) throws {
        master = try files.master()
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
        guard MarkedObjects.mayHold(payload, "plain") else { return nil }
        let found = MarkedObjects.find("plain", in: payload)
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
        guard MarkedObjects.mayHold(payload, "sealed") else { return nil }
        let found = MarkedObjects.find("sealed", in: payload)
        guard !found.isEmpty else { return nil }
        return try MarkedObjects.replacing(found, of: payload) { object in
            // Without the quotes.
            let text = payload[object.value].dropFirst().dropLast()
            guard let sealed = SealedText(UnsafeRawBufferPointer(rebasing: text)) else {
                throw VaultError(
                    "\(object.path) of event \(event) is sealed in a way that this build does not know",
                    next: "run the newer application")
            }
            guard let key = try self.key(sealed.keyID, event) else { return Array(#"{"erased":true}"#.utf8) }
            return Array(#"{"plain":"#.utf8) + (try Self.open(sealed, key, event, object.path)) + Array("}".utf8)
        }
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
    /// `isReadable` says that one of them is stored as it is, without a key.
    package func values(
        in payload: UnsafeRawBufferPointer, of event: EventID
    ) throws -> (values: [[UInt8]], isReadable: Bool) {
        let readable = MarkedObjects.mayHold(payload, "plain") ? MarkedObjects.find("plain", in: payload) : []
        var values = readable.map { Array(payload[$0.value]) }
        guard MarkedObjects.mayHold(payload, "sealed") else { return (values, !readable.isEmpty) }
        for object in MarkedObjects.find("sealed", in: payload) {
            let text = payload[object.value].dropFirst().dropLast()
            guard let sealed = SealedText(UnsafeRawBufferPointer(rebasing: text)),
                let stored = try stored(sealed.keyID), let key = stored.key
            else { continue }
            let known = SubjectKey(id: sealed.keyID, subject: stored.subject, key: key)
            values.append(try Self.open(sealed, known, event, object.path))
        }
        return (values, !readable.isEmpty)
    }

    package func persist() throws {
        let pending = state.withLock { state in
            defer { state.pending = [] }
            return state.pending
        }
        guard !pending.isEmpty else { return }
        do {
            let rows = try pending.map { ($0, try AES.KeyWrap.wrap($0.key, using: master)) }
            try queue.write { database in
                for (key, wrapped) in rows {
                    try database.execute(
                        sql: "INSERT INTO keys VALUES(?,?,?)", arguments: [key.id.data, key.subject, wrapped])
                }
            }
        } catch {
            state.withLock { $0.pending = pending + $0.pending }
            throw error
        }
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
            return state.observers
        }
        for observer in observers { observer() }
        return true
    }

    /// Calls `body` whenever a subject was erased and the keys in memory are gone.
    package func onErasure(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.observers.append(body) } }

    /// Tells who erases that this process has let go of every key it had before.
    package func acknowledge(as process: String) throws {
        let version = state.withLock { $0.version }
        try queue.write { database in
            try database.execute(sql: "INSERT OR REPLACE INTO acks VALUES(?,?)", arguments: [process, version])
        }
    }

    package func isErased(_ subject: String) -> Bool { state.withLock { $0.erased.contains(subject) } }

    /// What this process seals with for a subject.
    private func key(for subject: String) throws -> SubjectKey {
        try state.withLock { state in
            guard !state.erased.contains(subject) else {
                throw Rejection("\(subject) was erased: its data is not stored again.", next: "Use a new ID.")
            }
            if let key = state.own[subject] { return key }
            let id = KeyID(SymmetricKey(size: .bits128).withUnsafeBytes { Data($0) })
            let key = SubjectKey(id: id, subject: subject, key: SymmetricKey(size: .bits256))
            if state.keys.count >= Self.cacheMax {
                let pending = state.pending
                state.keys = Dictionary(uniqueKeysWithValues: pending.map { ($0.id, $0) })
                state.own = Dictionary(pending.map { ($0.subject, $0) }, uniquingKeysWith: { $1 })
            }
            state.keys[id] = key
            state.own[subject] = key
            state.pending.append(key)
            return key
        }
    }

    /// nil when its subject is erased.
    private func key(_ id: KeyID, _ event: EventID) throws -> SubjectKey? {
        let (cached, erased) = state.withLock { state in
            (state.keys[id], state.keys[id].map { state.erased.contains($0.subject) } ?? false)
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
