extension Duration {
    /// As a person reads it, with about three digits: `0.3 ms`, `38.9 ms`, `2.72 s`, `4 min 7 s`, `3 h 12 min`, `2 d 5 h`.
    package var words: String {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return "-" + (.zero - self).words }
        switch seconds {
        case 0: return Self.fraction(attoseconds / 100_000_000_000_000, tenths: 1) + " ms"
        case ..<60: return Self.fraction(seconds * 100 + attoseconds / 10_000_000_000_000_000, tenths: 2) + " s"
        case ..<3600: return Self.pair(seconds, 1, "min", "s")
        case ..<86_400: return Self.pair(seconds, 60, "h", "min")
        default: return Self.pair(seconds, 3600, "d", "h")
        }
    }

    private static func fraction(_ number: Int64, tenths: Int) -> String {
        let factor: Int64 = tenths == 1 ? 10 : 100
        let rest = String(number % factor)
        return "\(number / factor)." + String(repeating: "0", count: tenths - rest.count) + rest
    }

    /// `unit` is that of the small part in seconds; the large one is the next above it.
    private static func pair(_ seconds: Int64, _ unit: Int64, _ large: String, _ small: String) -> String {
        let perLarge: Int64 = unit == 3600 ? 24 : 60
        let smalls = seconds / unit
        let rest = smalls % perLarge
        return "\(smalls / perLarge) \(large)" + (rest == 0 ? "" : " \(rest) \(small)")
    }
}
