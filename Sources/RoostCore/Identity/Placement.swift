/// Which partition holds which stream. Fixed when a log is made: a category may be added to a group, never moved.
public struct Placement: Hashable, Sendable, Codable {
    /// Categories that are placed together on a range of partitions.
    public struct Group: Hashable, Sendable, Codable {
        /// The first part of a bus topic: `orders` in `orders.00000003`.
        public let name: String
        /// First parts of stream names; a category belongs to one group only.
        public let categories: [String]
        /// The lowest partition of the range.
        public let firstPartition: PartitionID
        /// How many partitions the range has, at least 1.
        public let partitionCount: UInt32

        /// Checks nothing: whoever reads a placement from outside checks ranges and categories.
        public init(name: String, categories: [String], firstPartition: PartitionID, partitionCount: UInt32) {
            self.name = name
            self.categories = categories
            self.firstPartition = firstPartition
            self.partitionCount = partitionCount
        }

        /// The partitions of the group, in order.
        public var partitions: [PartitionID] {
            (0..<partitionCount).map { PartitionID(firstPartition.rawValue + $0) }
        }
    }

    /// In the order in which they were declared; their ranges do not overlap.
    public let groups: [Group]
    /// Checks nothing: the ranges must cover the partitions of the log without overlap.
    public init(groups: [Group]) { self.groups = groups }

    /// How many partitions the log has.
    public var partitionCount: UInt32 { groups.reduce(0) { $0 + $1.partitionCount } }

    /// All partitions, in order.
    public var partitions: [PartitionID] { groups.flatMap(\.partitions).sorted() }

    /// The partition of a stream; nil when no group holds its category.
    public func partition(of stream: StreamName) -> PartitionID? {
        guard let group = groups.first(where: { $0.categories.contains { stream.isOf(category: $0) } }) else {
            return nil
        }
        let hash = StableHash.finalized(StableHash.fnv1a(stream.description.utf8))
        return PartitionID(group.firstPartition.rawValue + UInt32(hash % UInt64(group.partitionCount)))
    }

    /// The group that a partition belongs to; nil for a partition outside the log.
    public func group(of partition: PartitionID) -> Group? {
        groups.first { $0.partitions.contains(partition) }
    }
}

/// Hashes that are part of a storage format: the same on every machine, for ever.
public enum StableHash {
    /// FNV-1a, 64 bits.
    public static func fnv1a(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }

    /// The finalizer of MurmurHash3: spreads a weak hash over all 64 bits.
    public static func finalized(_ hash: UInt64) -> UInt64 {
        var mixed = hash
        mixed = (mixed ^ (mixed >> 33)) &* 0xff51_afd7_ed55_8ccd
        mixed = (mixed ^ (mixed >> 33)) &* 0xc4ce_b9fe_1a85_ec53
        return mixed ^ (mixed >> 33)
    }

    /// Eight bytes at a time by folded multiplication, seeded: for fingerprints of payloads and for command IDs.
    /// The last 1 to 8 bytes are read little-endian, padded with zeros; the length is mixed in at the end.
    public static func folded(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0x9e37_79b9_7f4a_7c15) -> UInt64 {
        var state = seed
        var offset = 0
        while offset &+ 8 <= bytes.count {
            state = fold(state ^ UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
            offset &+= 8
        }
        var tail: UInt64 = 0
        var shift: UInt64 = 0
        while offset < bytes.count {
            tail |= UInt64(bytes[offset]) << shift
            shift &+= 8
            offset &+= 1
        }
        return fold(fold(state ^ tail) ^ UInt64(bytes.count))
    }

    /// The same over the UTF-8 bytes of a text.
    public static func folded(_ text: String, seed: UInt64 = 0x9e37_79b9_7f4a_7c15) -> UInt64 {
        var text = text
        return text.withUTF8 { folded(UnsafeRawBufferPointer($0), seed: seed) }
    }

    @inline(__always)
    private static func fold(_ value: UInt64) -> UInt64 {
        let (high, low) = (value ^ 0xa076_1d64_78bd_642f).multipliedFullWidth(by: 0xe703_7ed1_a0b4_28db)
        return high ^ low
    }
}
