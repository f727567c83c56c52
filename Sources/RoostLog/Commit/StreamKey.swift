package import RoostCore

/// A stream's name with its hash, computed once: what tables of streams are keyed by.
package struct StreamKey: Hashable, Sendable {
    package let name: StreamName
    package let hash: UInt64

    package init(_ name: StreamName) {
        self.name = name
        hash = StableHash.folded(name.description)
    }

    package static func == (left: Self, right: Self) -> Bool { left.hash == right.hash && left.name == right.name }
    package func hash(into hasher: inout Hasher) { hasher.combine(hash) }
    /// `hash` is spread evenly already; to hash it once more costs more than the look-up.
    package func _rawHashValue(seed: Int) -> Int { Int(truncatingIfNeeded: hash) ^ seed }
}

/// Names a command within its stream in 8 bytes. Part of the storage format of segments.
package enum CommandHash {
    package static func of(_ stream: StreamKey, _ command: CommandID) -> UInt64 {
        StableHash.folded(command.description, seed: stream.hash)
    }
}
