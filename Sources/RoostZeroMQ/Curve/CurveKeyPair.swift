internal import CZeroMQ

/// A CURVE key pair as libzmq writes it: 40 characters of Z85 each. The secret one is never printed.
package struct CurveKeyPair: Hashable, Sendable, CustomStringConvertible {
    static let characters = 40
    package let publicKey: String
    /// Not to be printed.
    package let secretKey: String

    package var description: String { publicKey }

    /// A new one, from the system's randomness.
    package static func make() throws(ZeroMQError) -> CurveKeyPair {
        var (open, secret) = ([CChar](repeating: 0, count: 41), [CChar](repeating: 0, count: 41))
        guard unsafe zmq_curve_keypair(&open, &secret) == 0 else {
            throw ZeroMQError(call: "zmq_curve_keypair", "this libzmq has no CURVE; use 'transport: ipc'")
        }
        return CurveKeyPair(publicKey: text(open), secretKey: text(secret))
    }

    private init(publicKey: String, secretKey: String) {
        self.publicKey = publicKey
        self.secretKey = secretKey
    }

    /// The pair of a secret key; nil when it is none.
    package init?(secretKey: String) {
        var open = [CChar](repeating: 0, count: 41)
        guard secretKey.utf8.count == Self.characters, unsafe zmq_curve_public(&open, secretKey) == 0 else {
            return nil
        }
        self.init(publicKey: Self.text(open), secretKey: secretKey)
    }

    package static func isPublicKey(_ text: String) -> Bool { bytes(ofPublicKey: text) != nil }

    /// A public key as it travels in a handshake: 32 bytes. nil when it is none.
    static func bytes(ofPublicKey key: String) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 32)
        guard key.utf8.count == characters, unsafe zmq_z85_decode(&bytes, key) != nil else { return nil }
        return bytes
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix(Self.characters).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// How a socket proves who it is, and whom it lets in.
package enum SocketSecurity: Hashable, Sendable {
    /// For ipc, where the directory decides who may come.
    case none
    /// A socket that binds: lets in only those whose public keys are listed.
    case server(CurveKeyPair, allowed: Set<String>)
    /// A socket that connects, to servers of this public key only.
    case client(CurveKeyPair, server: String)
}
