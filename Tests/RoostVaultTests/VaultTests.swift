import Foundation
import GRDB
import RoostCore
import Testing

@testable import RoostVault

@Suite("The vault")
struct VaultTests {
    private final class Place: Sendable {
        let files = VaultFiles(directory: NSTemporaryDirectory() + "roost-vault-\(UUID().uuidString)")
        init() throws { try files.prepare() }
        deinit { _ = try? FileManager.default.removeItem(atPath: files.directory) }
    }

    private static let event = EventID(bits: 77)
    private static let plain = """
        {"order":"order/1","address":{"name":{"plain":"Ann \\"A\\" Example"},"street":{"plain":"1 Mill Lane"},"country":"UK"},\
        "notes":[{"plain":[1,{"a":null}]},{"plain":18446744073709551615}],"total":18446744073709551615}
        """

    private static func seal(
        _ vault: Vault, _ text: String = plain, of subject: String? = "customer/1", in event: EventID = event
    ) throws -> String {
        let sealed = try Array(text.utf8).withUnsafeBytes { try vault.seal($0, of: subject, in: event) }
        return String(decoding: sealed ?? [], as: UTF8.self)
    }

    private static func open(_ vault: Vault, _ text: String, in event: EventID = event) throws -> String {
        let opened = try Array(text.utf8).withUnsafeBytes { try vault.open($0, in: event) }
        return String(decoding: opened ?? [], as: UTF8.self)
    }

    @Test("What is sealed shows nothing, and opens to the same bytes, also for another process")
    func roundTrip() throws {
        let place = try Place()
        let vault = try Vault(place.files)
        let sealed = try Self.seal(vault)
        for secret in ["Ann", "Mill", "plain"] { #expect(!sealed.contains(secret)) }
        #expect(sealed.contains(#""country":"UK""#) && sealed.contains(#""total":18446744073709551615"#))
        #expect(try Self.open(vault, sealed) == Self.plain)
        try vault.persist()
        #expect(try Self.open(Vault(place.files), sealed) == Self.plain)
    }

    @Test("What holds nothing personal is left alone, and personal data without a subject is refused")
    func nothing() throws {
        let place = try Place()
        let vault = try Vault(place.files)
        #expect(try Self.seal(vault, #"{"order":"order/1","plain":1}"#) == "")
        #expect(try Self.open(vault, #"{"order":"order/1"}"#) == "")
        #expect(throws: Rejection.self) { try Self.seal(vault, of: nil) }
    }

    @Test("A value that was altered, or moved to another event or field, is not opened")
    func moved() throws {
        let place = try Place()
        let vault = try Vault(place.files)
        let sealed = try Self.seal(vault, #"{"a":{"plain":"x"},"b":{"plain":"y"}}"#)
        let parts = sealed.components(separatedBy: "\"sealed\":\"").dropFirst().map { $0.prefix { $0 != "\"" } }
        #expect(throws: VaultError.self) { try Self.open(vault, sealed, in: EventID(bits: 78)) }
        let swapped = #"{"a":{"sealed":"\#(parts[1])"},"b":{"sealed":"\#(parts[0])"}}"#
        #expect(throws: VaultError.self) { try Self.open(vault, swapped) }
        let last = parts[0].index(before: parts[0].endIndex)
        let altered = parts[0][..<parts[0].index(last, offsetBy: -6)] + "AAAAAAA"
        #expect(throws: VaultError.self) { try Self.open(vault, #"{"a":{"sealed":"\#(altered)"}}"#) }
    }

    @Test("Once a subject is erased, readers see that, and nothing of it is sealed again")
    func erased() throws {
        let place = try Place()
        let (writer, reader) = (try Vault(place.files), try Vault(place.files))
        let (gone, other) = (try Self.seal(writer), try Self.seal(writer, of: "customer/2"))
        try writer.persist()
        #expect(try Self.open(reader, gone) == Self.plain)
        try writer.queue.write { database in
            try database.execute(
                sql: "INSERT INTO erasures VALUES('customer/1', 0, NULL, NULL, NULL); UPDATE vault SET version = 1")
        }
        for vault in [writer, reader] {
            #expect(try vault.refresh())
            #expect(try !vault.refresh())
            #expect(try Self.open(vault, gone).contains(#""name":{"erased":true}"#))
            #expect(try Self.open(vault, other) == Self.plain)
            #expect(throws: Rejection.self) { try Self.seal(vault) }
        }
    }

    @Test("A key of a subject that is being erased is never stored, however late its events come")
    func lateKey() throws {
        let place = try Place()
        let (writer, eraser) = (try Vault(place.files), try Vault(place.files))
        let late = try Self.seal(writer)
        try eraser.beginErasure(of: "customer/1", at: Timestamp(seconds: 0))
        try eraser.dropKeys(of: "customer/1")
        try eraser.finishDestruction(of: "customer/1", at: Timestamp(seconds: 1))
        try writer.persist()
        #expect(try eraser.keyCount(of: "customer/1") == 0)
        #expect(try Self.open(Vault(place.files), late).contains(#"{"erased":true}"#))
        #expect(try eraser.erasure(of: "customer/1")?.destroyed == Timestamp(seconds: 1))
    }

    @Test("Whoever needs a key that another is storing waits until it is stored")
    func persistedTogether() async throws {
        let place = try Place()
        let vault = try Vault(place.files)
        for round in 0..<50 {
            let sealed = try Self.seal(vault, of: "customer/\(round)")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        try vault.persist()
                        // Stored by whoever came first: another process can read it.
                        #expect(try Self.open(Vault(place.files), sealed) == Self.plain)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("Destroyed keys are nowhere in the vault's files")
    func destroyed() throws {
        let place = try Place()
        let vault = try Vault(place.files)
        _ = try Self.seal(vault)
        try vault.persist()
        let wrapped = try #require(
            try vault.queue.read { try Data.fetchOne($0, sql: "SELECT wrapped FROM keys") })
        func holds() throws -> Bool {
            try FileManager.default.contentsOfDirectory(atPath: place.files.directory).contains { name in
                let content = FileManager.default.contents(atPath: place.files.directory + "/" + name) ?? Data()
                return content.range(of: wrapped) != nil
            }
        }
        #expect(try holds())
        try vault.beginErasure(of: "customer/1", at: Timestamp(seconds: 0))
        try vault.dropKeys(of: "customer/1")
        try vault.finishDestruction(of: "customer/1", at: Timestamp(seconds: 1))
        #expect(try !holds())
    }

    @Test("An event with an object that looks sealed is refused, so that it cannot stop its readers")
    func looksSealed() throws {
        let place = try Place()
        let vault = try Vault(place.files)
        #expect(throws: Rejection.self) { try Self.seal(vault, #"{"labels":{"sealed":"yes"}}"#) }
    }

    @Test("A key that was never stored is an error, not an erasure")
    func lost() throws {
        let place = try Place()
        let sealed = try Self.seal(try Vault(place.files))
        #expect(throws: VaultError.self) { try Self.open(Vault(place.files), sealed) }
    }

    @Test("A key file that is missing, broken or another one is refused with its name")
    func keyFile() throws {
        let place = try Place()
        _ = try Vault(place.files)
        let path = place.files.masterKey
        for text in ["", "xyz", String(repeating: "ab", count: 32)] {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            let error = #expect(throws: VaultError.self) { try Vault(place.files) }
            #expect(error?.message.contains(path) == true, "\(text)")
        }
        try FileManager.default.removeItem(atPath: path)
        #expect(throws: VaultError.self) { try place.files.prepare() }
    }
}
