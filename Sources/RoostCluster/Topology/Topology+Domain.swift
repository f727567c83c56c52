import RoostCore

extension Topology {
    /// What an application consists of, by name.
    public struct KnownNames: Sendable {
        /// Of all aggregates: each must have a place.
        public var categories: [String]
        /// The names that processes of role `reactor` may have.
        public var reactors: [String]
        /// The names that processes of role `projection` may have.
        public var projections: [String]
        /// The names that processes of role `feed` may have.
        public var feeds: [String]

        /// The order does not matter.
        public init(categories: [String], reactors: [String], projections: [String], feeds: [String] = []) {
            self.categories = categories
            self.reactors = reactors
            self.projections = projections
            self.feeds = feeds
        }
    }

    /// Throws unless the application has what the topology runs, and the topology places all that it has.
    public func check(against known: KnownNames) throws(TopologyError) {
        let problems = categoryProblems(known) + processProblems(known) + doubledNames(known)
        guard problems.isEmpty else { throw TopologyError(problems) }
    }

    private func categoryProblems(_ known: KnownNames) -> [TopologyProblem] {
        let placed = placement.groups.flatMap(\.categories)
        let unknown = placed.filter { !known.categories.contains($0) }.map { category in
            marks.problem(
                at: "category.\(category)", "the application has no aggregate of category '\(category)'",
                suggestion: Suggestion.nearest(to: category, among: known.categories))
        }
        let missing = known.categories.filter { !placed.contains($0) }.map { category in
            marks.problem(at: "", "category '\(category)' has no place; add it to a group of 'placement'")
        }
        return unknown + missing
    }

    private func processProblems(_ known: KnownNames) -> [TopologyProblem] {
        processes.flatMap { process -> [TopologyProblem] in
            switch process.role {
            case .reactor: return nameProblems(process, known.reactors)
            case .projection: return nameProblems(process, known.projections)
            case .feed: return nameProblems(process, known.feeds)
            case .aggregate, .replay, .gateway, .proxy: return []
            }
        }
    }

    /// The trace index is a projection that every application has.
    private func doubledNames(_ known: KnownNames) -> [TopologyProblem] {
        guard known.projections.count(where: { $0 == TopologyProcess.traces }) > 1 else { return [] }
        return [
            marks.problem(
                at: "process.\(TopologyProcess.traces)",
                "the application has a projection '\(TopologyProcess.traces)', which is Roost's own; rename it")
        ]
    }

    private func nameProblems(_ process: TopologyProcess, _ known: [String]) -> [TopologyProblem] {
        guard !known.contains(process.name) else { return [] }
        let role = process.role.rawValue
        return [
            marks.problem(
                at: "process.\(process.name)",
                "the application has no \(role) '\(process.name)'; the name of the process says which one it runs",
                suggestion: Suggestion.nearest(to: process.name, among: known))
        ]
    }
}
