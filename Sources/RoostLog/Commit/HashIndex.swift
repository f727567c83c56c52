/// Maps hashes, which are spread evenly already, to small numbers. Several times faster than a dictionary.
package struct HashIndex: Sendable {
    private static let free = UInt32.max
    private var hashes: [UInt64]
    private var values: [UInt32]
    package private(set) var count = 0

    /// `capacity` entries fit before it grows.
    package init(capacity: Int = 16) {
        var slots = 16
        while slots < capacity * 2 { slots *= 2 }
        hashes = Array(repeating: 0, count: slots)
        values = Array(repeating: Self.free, count: slots)
    }

    /// The number stored last for `hash`.
    package subscript(hash: UInt64) -> Int? {
        let slot = slot(of: hash)
        return values[slot] == Self.free ? nil : Int(values[slot])
    }

    /// Stores a number and returns the one it replaces.
    package mutating func update(_ hash: UInt64, _ value: Int) -> Int? {
        if count * 2 >= hashes.count { grow() }
        let slot = slot(of: hash)
        let replaced = values[slot]
        hashes[slot] = hash
        values[slot] = UInt32(value)
        if replaced != Self.free { return Int(replaced) }
        count += 1
        return nil
    }

    /// Where `hash` stands, or the free slot where it would.
    private func slot(of hash: UInt64) -> Int {
        let mask = hashes.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while values[slot] != Self.free, hashes[slot] != hash { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func grow() {
        var larger = HashIndex(capacity: hashes.count)
        for slot in hashes.indices where values[slot] != Self.free {
            _ = larger.update(hashes[slot], Int(values[slot]))
        }
        self = larger
    }
}
