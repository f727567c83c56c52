/// Reads a decimal number of pounds into whole pence, exactly; half a penny and more is rounded up.
enum Pence {
    /// Accepts digits with at most one point, as in `2.55`, `165` and `.5`; nil for anything else and over 12 digits.
    static func parse(_ text: String) -> Int? {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), (1...12).contains(parts.reduce(0) { $0 + $1.count }),
            parts.allSatisfy({ $0.allSatisfy { (0x30...0x39).contains($0) } })
        else { return nil }
        let pounds = parts[0].reduce(0) { $0 * 10 + Int($1 - 0x30) }
        let decimals = parts.count == 2 ? parts[1].map { Int($0 - 0x30) } : []
        let digits = decimals + [0, 0, 0]
        return pounds * 100 + digits[0] * 10 + digits[1] + (digits[2] >= 5 ? 1 : 0)
    }
}
