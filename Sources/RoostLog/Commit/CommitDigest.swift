import Crypto

/// The chain that proves a log: SHA-256 of the previous commit's digest followed by the commit's canonical bytes.
package struct CommitDigest {
    /// Bytes of a digest.
    package static let byteCount = 32
    private var hash = SHA256()

    /// Starts the digest of the commit after the one with `previous`, which is empty for the first commit.
    package init(after previous: [UInt8]) {
        previous.withUnsafeBytes { hash.update(bufferPointer: $0) }
    }

    package mutating func add(_ bytes: UnsafeRawBufferPointer) { hash.update(bufferPointer: bytes) }

    package func finish() -> [UInt8] { Array(hash.finalize()) }

    package static func of(_ bytes: UnsafeRawBufferPointer, after previous: [UInt8]) -> [UInt8] {
        var digest = CommitDigest(after: previous)
        digest.add(bytes)
        return digest.finish()
    }
}
