import Crypto
import Foundation
import RoostCore

/// One sealed value: AES-GCM under a key of its subject, bound to its event and its field. Part of the storage format:
/// base64 of the version 1, the key's ID (16 bytes), nonce (12), ciphertext and tag (16).
struct SealedText {
    static let version: UInt8 = 1
    let keyID: KeyID
    private let box: Data

    /// `value` is JSON.
    init(sealing value: UnsafeRawBufferPointer, by key: SubjectKey, event: EventID, path: String) throws {
        let sealed = try AES.GCM.seal(value, using: key.key, authenticating: Self.place(event, path))
        guard let combined = sealed.combined else { throw CryptoKitError.incorrectParameterSize }
        keyID = key.id
        box = combined
    }

    /// Reads the text; nil when it is none.
    init?(_ text: UnsafeRawBufferPointer) {
        guard let data = Data(base64Encoded: Data(text)), data.first == Self.version, data.count > 17 else {
            return nil
        }
        keyID = KeyID(data.dropFirst().prefix(16))
        box = Data(data.dropFirst(17))
    }

    var text: [UInt8] { Array((Data([Self.version]) + keyID.data + box).base64EncodedData()) }

    /// The JSON that was sealed. Throws when anything about it was altered.
    func open(by key: SubjectKey, event: EventID, path: String) throws -> [UInt8] {
        Array(
            try AES.GCM.open(
                try AES.GCM.SealedBox(combined: box), using: key.key, authenticating: Self.place(event, path)))
    }

    private static func place(_ event: EventID, _ path: String) -> Data {
        var place = withUnsafeBytes(of: event.bits.bigEndian) { Data($0) }
        place.append(contentsOf: path.utf8)
        return place
    }
}

/// Names a key; random, and never used for another.
struct KeyID: Hashable, Sendable {
    let data: Data
    init(_ data: Data) { self.data = Data(data) }
}

/// A key of one subject.
struct SubjectKey: Sendable {
    let id: KeyID
    let subject: String
    let key: SymmetricKey
}
