import RoostDrill

/// Drills as a person reads them on a terminal.
enum DrillText {
    static func text(_ report: DrillReport) -> String {
        let total = report.deliveryTotal
        var lines = [
            "\(verdict(report.verdict))  \(report.drill)  \(seconds(report.seconds))  \(report.title)",
            "  commands: \(report.load.sent) sent, \(report.load.acknowledged) acknowledged with events, "
                + "\(report.load.retries) sent again" + takenBack(report.load),
            "  events: \(total.published) published / \(total.received) received / \(total.reread) re-read from log / "
                + "\(total.lost) lost on the bus, over \(Counted.of(report.delivery.count, "reader"))",
            "  balance: " + balance(report),
        ]
        if let ready = report.readyAfter, let caughtUp = report.caughtUpAfter {
            lines.append("  ready \(seconds(ready)) and caught up \(seconds(caughtUp)) after the method")
        }
        if let queries = report.queries { lines.append("  queries: \(queries.asked) asked, \(queries.failed) failed") }
        if let owners = report.formerOwners, owners.refused > 0 || owners.accepted > 0 {
            lines.append("  appends of former owners: \(owners.refused) refused, \(owners.accepted) accepted")
        }
        lines += report.verdict.findings.prefix(10).map { "  \(Paint.bad($0.class.rawValue)): \($0.message)" }
        if let unproved = report.verdict.unproved { lines.append("  not everything was proved: \(unproved)") }
        if let kept = report.kept { lines.append("  kept in \(kept)\n  next: ROOST_HOME=\(kept) roost ps") }
        return lines.map { $0 + "\n" }.joined()
    }

    static func summary(_ reports: [DrillReport]) -> String {
        let count = { (result: DrillResult) in reports.count { $0.verdict.result == result } }
        let time = reports.reduce(0) { $0 + $1.seconds }
        return "\(count(.passed)) passed, \(count(.failed)) failed, \(count(.inconclusive)) inconclusive in "
            + "\(seconds(time))\n"
    }

    static func plan(_ plan: DrillPlan) -> String {
        var table = TextTable([("at", .right), ("what", .left), ("command", .left)])
        for step in plan.steps {
            table.add([seconds(step.at), step.words, step.commands.joined(separator: "; ")])
        }
        return "\(plan.drill)  \(plan.title)\n\(plan.commandsBefore) commands before, \(plan.commandsDuring) during, "
            + "seed \(plan.seed), \(plan.mode), about \(seconds(plan.predictedSeconds)) on \(plan.topology)\n\(table.text)"
    }

    private static func verdict(_ verdict: DrillVerdict) -> String {
        switch verdict.result {
        case .passed: Paint.good(verdict.words)
        case .failed, .inconclusive: Paint.bad(verdict.words)
        }
    }

    private static func balance(_ report: DrillReport) -> String {
        guard !report.balance.isEmpty else { return "not looked at" }
        let wrong = report.balance.filter { !$0.balanced }
        guard wrong.isEmpty else { return "WRONG for " + wrong.map(\.reader).joined(separator: ", ") }
        let parked = report.balance.reduce(0) { $0 + $1.parked + $1.discarded }
        let pending = report.balance.reduce(0) { $0 + $1.pending }
        return "holds for \(report.balance.count) readers of \(report.balance[0].appended) events, \(pending) pending, "
            + "\(parked) parked or discarded"
    }

    private static func takenBack(_ load: DrillReport.Load) -> String {
        load.takenBack > 0 ? ", \(load.takenBack) taken back by a restore" : ""
    }

    private static func seconds(_ seconds: Double) -> String {
        let tenths = Int((seconds * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) s"
    }
}
