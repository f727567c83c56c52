/// What the command line asks for.
struct Options {
    var isJSON = false
    /// Only the parts whose names contain it.
    var only: String?

    init(_ arguments: [String]) throws(BenchmarkError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--json": isJSON = true
            case "--only" where !rest.isEmpty: only = rest.popFirst()
            default: throw BenchmarkError("unknown argument '\(argument)'; usage: Benchmarks [--json] [--only PART]")
            }
        }
    }
}

/// Why a benchmark gave no figure, in a sentence.
struct BenchmarkError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
