/// How figures are made: in rounds, because the machine is never quiet, and side by side with their limit.
enum Measure {
    /// Calls per second of a body that is called for about `seconds`.
    static func rate(seconds: Double = 0.5, _ body: () throws -> Void) rethrows -> Double {
        for _ in 0..<1000 { try body() }
        let start = Monotonic.seconds
        var calls = 0
        var elapsed = 0.0
        while elapsed < seconds {
            for _ in 0..<1000 { try body() }
            calls += 1000
            elapsed = Monotonic.seconds - start
        }
        return Double(calls) / elapsed
    }

    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard let last = sorted.indices.last else { return .nan }
        return (sorted[last / 2] + sorted[(last + 1) / 2]) / 2
    }
}
