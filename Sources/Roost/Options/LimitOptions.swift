import ArgumentParser

/// How much of a list is shown.
struct LimitOptions: ParsableArguments {
    @Option(help: "Show at most this many.")
    var limit = 50

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit is at least 1") }
    }
}
