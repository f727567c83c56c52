package import RoostCluster
import RoostCore
package import RoostNode

extension Drill {
    /// What is wrong with the drill for an application: failpoints that nothing reaches, counters that
    /// nobody tells, and commands that it does not have.
    package func check(for domain: Domain) -> [TopologyProblem] {
        unknownFailpoints + unknownCounters + unknownCommands(domain)
    }

    private var unknownFailpoints: [TopologyProblem] {
        let known = Failpoint.allCases.map(\.rawValue)
        return given.failpoints.sorted { $0.key < $1.key }.compactMap { process, text in
            let name = String(text.prefix { $0 != "@" })
            guard !known.contains(name) else { return nil }
            return problem(
                about: "failpoints/\(process)", "there is no failpoint '\(name)' for \(process)",
                suggestion: Suggestion.nearest(to: name, among: known))
        }
    }

    /// One that nobody tells counts as nothing, which a drill may be waiting for.
    private var unknownCounters: [TopologyProblem] {
        (expected + ensured).filter { !DrillCounters.isKnown($0.counter) }.map {
            problem(
                with: $0, "no process tells a counter '\($0.counter)', which is asked of \($0.process)",
                suggestion: Suggestion.nearest(to: $0.counter, among: DrillCounters.names))
        }
    }

    private func unknownCommands(_ domain: Domain) -> [TopologyProblem] {
        let bursts = allSteps.compactMap { step in if case .burst(let load) = step.action { load } else { nil } }
        let loads = [given.load, load].compactMap { $0 } + bursts
        let known = domain.aggregates.flatMap { Self.commands(of: $0) }
        return Set(loads.compactMap(\.repeated?.command)).sorted().filter { !known.contains($0) }.map { name in
            problem(
                about: name, "the application '\(domain.name)' has no command '\(name)'",
                suggestion: Suggestion.nearest(to: name, among: known))
        }
    }

    private static func commands<A: Aggregate>(of type: A.Type) -> [String] { A.Command.kinds.map(\.name) }
}
