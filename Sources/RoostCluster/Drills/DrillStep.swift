/// One thing that the method of a drill does.
package struct DrillStep: Sendable, Hashable {
    package enum Action: Sendable, Hashable {
        case signal(String, process: String)
        /// `start`, `stop` or `restart`.
        case control(String, process: String)
        case rebuild([String])
        case fault(FaultSpec)
        /// Clears that fault and no other.
        case clear(FaultSpec)
        case backup(String)
        /// Puts a backup in place; the cluster is down.
        case restore(String)
        /// `down`, `up` or `restart`.
        case cluster(String)
        /// Any command of the application, as words.
        case command([String])
        /// Makes the projection able to take what was poison.
        case mend(String)
        /// A file or directory below the cluster's.
        case remove(String)
        /// From and to a path below the cluster's directory.
        case copy(String, String)
        case burst(DrillLoad)
        case waitFor(String)
        case waitForProcess(String, state: String)
    }

    package enum Exit: Sendable, Hashable {
        case code(Int32)
        case any
    }

    /// From the start of the method.
    package var at: Duration
    package var action: Action
    /// What the command has to end with.
    package var exit = Exit.code(0)
    /// Words that its output has to contain.
    package var says: String?
    /// How long it may take.
    package var within = Duration.seconds(60)
    /// Whether the next step waits for its end; the end of the method does in any case.
    package var isAwaited = true
    /// After which time it is undone; nil for what stays.
    package var lasts: Duration?
    /// Where what it does stands in its file.
    var place = TopologyMarks.Place()

    /// The step that undoes this one when its time is over.
    package var undoing: DrillStep? {
        guard let lasts, let action = opposite else { return nil }
        return DrillStep(at: at + lasts, action: action)
    }

    private var opposite: Action? {
        switch action {
        case .signal("STOP", let process): .signal("CONT", process: process)
        case .control("stop", let process): .control("start", process: process)
        case .fault(let fault) where !fault.kind.happensOnce: .clear(fault)
        default: nil
        }
    }

    /// What is typed to do it, with `home` for the directory that belongs to the drill. Empty for what no command does.
    package func commands(home: String, cluster: String, up: [String]) -> [[String]] {
        switch action {
        case .signal(let signal, let process): [["kill", process, "--signal", signal]]
        case .control(let verb, let process): [[verb, process]]
        case .rebuild(let words): [["rebuild"] + words]
        case .fault(let fault): [fault.command.split(separator: " ").dropFirst().map { String($0) }]
        case .clear: [["fault", "clear", "ID"]]
        case .backup(let name): [["log", "backup", "\(home)/backups/\(name)"]]
        case .restore(let name): [["log", "restore", "\(home)/backups/\(name)", "--cluster", cluster, "--yes"]]
        case .cluster("down"): [["down"]]
        case .cluster("up"): [up]
        case .cluster: [["down"], up]
        case .command(let words): [words]
        case .waitFor(let goal): [["wait", "--for", goal, "--timeout", DurationText.text(within)]]
        case .mend, .remove, .copy, .burst, .waitForProcess: []
        }
    }

    /// For a plan and a picture.
    package var words: String {
        switch action {
        case .signal("KILL", let process): "kill \(process)"
        case .signal("STOP", let process): "pause \(process)"
        case .signal("CONT", let process): "resume \(process)"
        case .signal(let signal, let process): "send SIG\(signal) to \(process)"
        case .control(let verb, let process): "\(verb) \(process)"
        case .rebuild(let words): "rebuild \(words.joined(separator: " "))"
        case .fault(let fault): "fault \(fault.text)"
        case .clear(let fault): "clear \(fault.text)"
        case .backup(let name): "backup \(name)"
        case .restore(let name): "restore \(name)"
        case .cluster(let verb): "\(verb) the cluster"
        case .command(let words): words.joined(separator: " ")
        case .mend(let process): "mend \(process)"
        case .remove(let path): "remove \(path)"
        case .copy(let from, let to): "copy \(from) to \(to)"
        case .burst(let load): "send \(load.commands) commands at once"
        case .waitFor(let goal): "wait until \(goal)"
        case .waitForProcess(let process, let state): "wait until \(process) is \(state)"
        }
    }
}

extension Drill {
    /// What is typed to start its cluster.
    package func up(home: String, cluster: String) -> [String] {
        ["up", "\(home)/topology.yaml", "--cluster", cluster, "-d", "--wait"] + (needsPermission ? ["--faults"] : [])
    }

    /// Messages and files take another way where faults of them are allowed: only where there may be some.
    private var needsPermission: Bool {
        allSteps.contains { step in
            if case .fault(let fault) = step.action { fault.kind.needsPermission } else { false }
        }
    }

    /// The steps in the order of their times, with what undoes those that last.
    package var steps: [DrillStep] { Self.ordered(method) }

    /// Those of the method and, when the drill explores, those that the seed draws.
    package func steps(exploring random: inout some RandomNumberGenerator) -> [DrillStep] {
        guard mode == .explore, let explore, !explore.among.isEmpty else { return steps }
        let span = Int(explore.within / .milliseconds(1))
        let drawn = (0..<explore.picks).map { _ in
            var step = explore.among[Int.random(in: 0..<explore.among.count, using: &random)]
            step.at = .milliseconds(Int.random(in: 0...span, using: &random))
            return step
        }
        return Self.ordered(method + drawn)
    }

    private static func ordered(_ steps: [DrillStep]) -> [DrillStep] {
        (steps + steps.compactMap(\.undoing)).enumerated()
            .sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }
}
