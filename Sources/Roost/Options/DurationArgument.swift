import ArgumentParser

/// A duration as people write it: `500ms`, `60s`, `2m`, `1h`, or a number of seconds.
struct DurationArgument: ExpressibleByArgument, Sendable {
    let duration: Duration

    init(_ duration: Duration) { self.duration = duration }

    init?(argument: String) {
        let digits = argument.prefix { $0.isNumber || $0 == "." }
        guard let number = Double(digits), number.isFinite, number >= 0, number < 1e9 else { return nil }
        let factors = ["": 1000.0, "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000]
        guard let factor = factors[String(argument.dropFirst(digits.count))] else { return nil }
        duration = .milliseconds(Int64(number * factor))
    }

    /// For a wait that 0 would make endless.
    func checkPositive() throws {
        guard duration > .zero else { throw ValidationError("--timeout is longer than 0") }
    }

    var defaultValueDescription: String { "\(duration.components.seconds)s" }
}
