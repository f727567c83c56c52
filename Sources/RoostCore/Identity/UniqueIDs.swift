/// Makes identifiers from a time and a source of randomness, both given: the same inputs give the same names.
public struct UniqueIDs: Sendable {
    private var random: any RandomNumberGenerator & Sendable

    /// Takes over the randomness; a seeded source makes every identifier repeatable.
    public init(random: any RandomNumberGenerator & Sendable) { self.random = random }

    /// UUID version 7 with the time in nanoseconds: 48 bits of milliseconds, 12 bits of fraction, 62 random bits.
    public mutating func next<ID: Identifier>(at time: Timestamp) -> ID {
        let nanoseconds = UInt64(max(0, time.nanoseconds))
        let milliseconds = nanoseconds / 1_000_000
        let fraction = (nanoseconds % 1_000_000) * 4096 / 1_000_000
        let high = milliseconds << 16 | 0x7000 | fraction
        let low = random.next() >> 2 | 0x8000_0000_0000_0000
        return ID(bits: UInt128(high) << 64 | UInt128(low))
    }
}
