extension DrillReport {
    /// For a page or a comment; made of the report alone.
    package var markdown: String {
        let total = deliveryTotal
        var lines = [
            "## \(verdict.result == .passed ? "✅" : "❌") \(drill): \(verdict.words)", "", title + ".", "",
            "Seed \(seed), \(mode), \(Numbers.seconds(seconds)), begun \(Numbers.moment(startedAt)), on `\(topology)`.",
            "",
            "| | |", "|---|---|",
            "| commands | \(load.sent) sent, \(load.acknowledged) acknowledged with events, \(load.rejected) rejected, "
                + "\(load.unsettled) unsettled, \(load.retries) sent again |",
            "| published / received / re-read from log / lost | \(total.published) / \(total.received) / \(total.reread) / "
                + "\(total.lost) |",
            "| ready, caught up after the method | \(Numbers.seconds(readyAfter)), \(Numbers.seconds(caughtUpAfter)) |",
        ]
        if let queries { lines.append("| queries | \(queries.asked) asked, \(queries.failed) failed |") }
        if let owners = formerOwners {
            lines.append("| appends of former owners | \(owners.refused) refused, \(owners.accepted) accepted |")
        }
        lines += section(
            "Findings",
            verdict.findings.map { "- **\($0.class.rawValue)**: \(Self.cell($0.message))" }
                + (verdict.unproved.map { ["- not everything was proved: \(Self.cell($0))"] } ?? []))
        lines += section(
            "Steps",
            table(
                ["at", "what", "exit", "took", "all ready after"],
                steps.map {
                    [
                        Numbers.seconds($0.started), $0.words, String($0.exit), Numbers.seconds($0.seconds),
                        Numbers.seconds($0.readyAfter),
                    ]
                }))
        lines += section(
            "Delivery, in events",
            table(
                ["reader", "published", "received", "re-read from log", "lost"],
                delivery.map { [$0.reader, "\($0.published)", "\($0.received)", "\($0.reread)", "\($0.lost)"] }))
        lines += section(
            "Balance: appended = applied + filtered + parked + discarded + pending",
            table(
                ["reader", "appended", "applied", "filtered", "parked", "discarded", "pending", "holds"],
                balance.map {
                    [
                        $0.reader, "\($0.appended)", "\($0.applied)", "\($0.filtered)", "\($0.parked)",
                        "\($0.discarded)", "\($0.pending)", $0.balanced ? "yes" : "**NO**",
                    ]
                }))
        return lines.joined(separator: "\n") + "\n"
    }

    private func section(_ title: String, _ lines: [String]) -> [String] {
        lines.isEmpty ? [] : ["", "### \(title)", ""] + lines
    }

    private func table(_ head: [String], _ rows: [[String]]) -> [String] {
        guard !rows.isEmpty else { return [] }
        let lines = ([head, head.map { _ in "---" }] + rows).map { cells in
            "| " + cells.map(Self.cell).joined(separator: " | ") + " |"
        }
        return lines
    }

    private static func cell(_ text: String) -> String {
        text.replacing("|", with: "\\|").replacing("\n", with: " ")
    }
}
