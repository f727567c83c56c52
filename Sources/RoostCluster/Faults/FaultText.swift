/// Rates and clock offsets as people write them.
enum FaultText {
    /// Parts of a million of `50%` or `0.5%`; nil unless it is from 0 to 100, with at most four digits after the point.
    static func rate(_ text: some StringProtocol) -> Int? {
        guard text.hasSuffix("%") else { return nil }
        let parts = text.dropLast().split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isDigit) }),
            let whole = Int(parts[0]), whole <= 100
        else { return nil }
        let fraction = parts.count == 2 ? String(parts[1]) : ""
        guard fraction.count <= 4, let rest = Int(fraction + String(repeating: "0", count: 4 - fraction.count)) else {
            return nil
        }
        let rate = whole * 10_000 + rest
        return rate <= FaultSpec.always ? rate : nil
    }

    /// The shortest form that `rate` reads.
    static func rate(_ perMillion: Int) -> String {
        let digits = String(perMillion % 10_000)
        var fraction = String(repeating: "0", count: 4 - digits.count) + digits
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(perMillion / 10_000)\(fraction.isEmpty ? "" : ".\(fraction)")%"
    }

    /// `-10m`, `90s` or `+90s`.
    static func offset(_ text: some StringProtocol) -> Duration? {
        let digits = text.drop { $0 == "-" || $0 == "+" }
        guard text.count - digits.count <= 1, let duration = DurationText.parse(digits), duration <= offsetMax else {
            return nil
        }
        return text.hasPrefix("-") ? .zero - duration : duration
    }

    static func offset(_ duration: Duration) -> String {
        duration < .zero ? "-" + DurationText.text(.zero - duration) : DurationText.text(duration)
    }

    /// Ten years: times stay within what nanoseconds can count.
    private static let offsetMax = Duration.seconds(10 * 366 * 86_400)

    private static func isDigit(_ character: Character) -> Bool { character.isASCII && character.isNumber }
}
