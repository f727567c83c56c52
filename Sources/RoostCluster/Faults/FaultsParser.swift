import Yams

/// Reads `faults` of a topology: what is broken from the start. An empty list only allows faults.
struct FaultsParser {
    private(set) var reader: TopologyReader
    private let check: FaultCheck?

    /// `check` is nil when the processes could not be read.
    init(reader: TopologyReader, check: FaultCheck?) {
        self.reader = reader
        self.check = check
    }

    mutating func parse(_ node: Node) -> [FaultSpec] {
        guard let items = node.sequence else {
            reader.report(node, "'faults' must be a list, such as [{kind: drop, from: orders, rate: 10%}]")
            return []
        }
        return items.compactMap { fault($0) }
    }

    private mutating func fault(_ node: Node) -> FaultSpec? {
        var parser = FaultParser(reader: reader)
        let parsed = parser.parse(node)
        reader = parser.reader
        guard let fault = parsed else { return nil }
        guard !fault.kind.happensOnce else {
            reader.report(
                node,
                "'\(fault.kind.rawValue)' happens once, so it cannot hold from the start; use it in a drill, or type "
                    + fault.command)
            return nil
        }
        let problems = check?.problems(fault) ?? []
        for problem in problems {
            reader.report(node.mapping?[problem.key] ?? node, problem.message, suggestion: problem.suggestion)
        }
        return problems.isEmpty ? fault : nil
    }
}
