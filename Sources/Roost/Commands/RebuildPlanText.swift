import RoostClient

/// The plan of a rebuild for a person.
enum RebuildPlanText {
    static func text(_ plan: RebuildPlanDocument) -> String {
        var table = TextTable([("events", .right), ("handled", .left), ("type", .left)])
        for kind in plan.kinds { table.add(["\(kind.events)", kind.handled ? "yes" : "no", kind.type]) }
        let obstacles = plan.obstacles.map {
            Paint.bad("cannot be read ")
                + "\(Counted.of(Int(clamping: $0.events), "event")) of \($0.kind): \($0.reason)\n"
        }
        let from = plan.base.map { "begins with the \(Counted.of($0, "event")) that kept rows hold\n" } ?? ""
        let rest = plan.events - (plan.base ?? 0)
        return from + "\(plan.projection)  \(plan.handled) of \(rest) events handled, \(plan.rows) rows and "
            + "\(mebibytes(plan.bytes)) now\n" + table.text + obstacles.joined()
            + "about \(plan.seconds.wholeMilliseconds) s, likely below \(plan.secondsAtMost.wholeMilliseconds) s "
            + "(\(plan.sampled) events tried), in \(mebibytes(plan.memory)) of memory\n"
            + kept(plan) + "next: " + (plan.obstacles.isEmpty ? command(plan) : "roost schema check\n")
    }

    private static func command(_ plan: RebuildPlanDocument) -> String {
        let from = plan.base.map { " --from \($0)" } ?? ""
        return "roost rebuild \(plan.projection) --prove\(from)\n"
    }

    /// What was kept for rebuilds to begin with.
    private static func kept(_ plan: RebuildPlanDocument) -> String {
        plan.bases.map { base in
            if let problem = base.problem { return Paint.bad("kept rows ") + "\(base.directory): \(problem)\n" }
            let events = base.events.map { Counted.of($0, "event") } ?? "?"
            return "kept rows hold \(events): --from \(base.events ?? 0)\n"
        }.joined()
    }

    /// Rounded up.
    static func mebibytes(_ bytes: UInt64) -> String { "\((bytes + (1 << 20) - 1) >> 20) MiB" }
}
