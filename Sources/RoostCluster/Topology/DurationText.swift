/// Durations as people write them: `250ms`, `10s`, `1.5s`, `1m`, `2h`.
package enum DurationText {
    private static let units: [(suffix: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000),
    ]

    /// nil unless `text` is a number and one of the units, and whole milliseconds.
    package static func parse(_ text: some StringProtocol) -> Duration? {
        for unit in units where text.hasSuffix(unit.suffix) {
            let digits = text.dropLast(unit.suffix.count)
            let parts = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0.isASCII && $0.isNumber } }),
                let count = Int64(parts.joined()), let scale = scale(of: parts.dropFirst().first?.count ?? 0)
            else { continue }
            let (product, overflow) = count.multipliedReportingOverflow(by: unit.milliseconds)
            return overflow || product % scale != 0 ? nil : .milliseconds(product / scale)
        }
        return nil
    }

    /// Of so many digits behind the point; nil for more than anybody needs.
    private static func scale(of digits: Int) -> Int64? {
        digits < 7 ? (0..<digits).reduce(1) { scale, _ in scale * 10 } : nil
    }

    /// The shortest of the forms that `parse` reads, in whole milliseconds.
    package static func text(_ duration: Duration) -> String {
        let parts = duration.components
        let milliseconds = parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000
        let unit = units.last { milliseconds > 0 && milliseconds % $0.milliseconds == 0 } ?? units[0]
        return "\(milliseconds / unit.milliseconds)\(unit.suffix)"
    }
}
