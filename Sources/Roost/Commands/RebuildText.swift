import RoostClient
import RoostNode

/// What a rebuild has found, for a person.
enum RebuildText {
    static func text(_ document: RebuildDocument, proving: Bool) -> String {
        let verdict = (document.verdict == "equal" ? Paint.good : Paint.bad)(document.verdict)
        var lines = [
            "\(verdict)  \(document.projection)  \(document.events) events in \(document.seconds.wholeMilliseconds) s",
            "rebuilt \(document.root)", "live    \(document.liveRoot)",
        ]
        if document.resumed { lines.append("went on with what an interrupted rebuild by this build had left") }
        if let base = document.base { lines.append("began with the \(Counted.of(base, "event")) that kept rows held") }
        lines += document.tables.filter { !$0.equal }.map {
            Paint.bad("differs") + "  table \($0.name): \(Counted.of($0.rows, "row")) rebuilt, \($0.liveRows) live"
        }
        if !document.setAsideEqual {
            lines.append(
                Paint.bad("differs") + "  \(Counted.of(document.parked, "event")) parked by the rebuild, "
                    + "\(document.liveParked) in the live one; see roost parked ls")
        } else if document.parked > 0 {
            lines.append("\(Counted.of(document.parked, "event")) parked, the same as in the live one")
        }
        if !document.fullTextWhole { lines.append(Paint.bad("differs") + "  a full-text index from what it is about") }
        lines += document.partings.flatMap(Self.lines)
        lines += document.differences.flatMap(Self.lines)
        if document.differences.count >= DivergenceExplanation.rowsMax {
            lines.append("  only the first \(document.differences.count) rows that differ are shown")
        }
        lines += document.predicted.map { [text($0, document)] } ?? []
        if document.swapped { lines.append("the rebuilt one is live now") }
        if document.verdict != "equal", !document.swapped {
            lines += [
                "the live one has stayed as it is", "next: roost rebuild \(document.projection) --swap --accept-diff",
            ]
        }
        if proving, document.certificate == nil {
            lines.append(Paint.bad("not proved") + "  the two differ: there is no certificate, and no rows are kept")
        }
        if let path = document.certificate {
            lines += ["certificate \(path)", "next: roost certificate verify \(path)"]
        }
        if let reason = document.notKept { lines.append(Paint.bad("not kept") + "  the rows: \(reason)") }
        if let kept = document.kept {
            lines += ["rows kept in \(kept)", "next: roost rebuild \(document.projection) --from \(document.events)"]
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// What was predicted beside what came.
    private static func text(_ predicted: RebuildPredictionDocument, _ document: RebuildDocument) -> String {
        let rows = document.tables.reduce(0) { $0 + $1.rows }
        return "predicted at \(predicted.plannedAt): \(predicted.seconds.wholeMilliseconds) s, likely below "
            + "\(predicted.secondsAtMost.wholeMilliseconds) s; took \(document.seconds.wholeMilliseconds) s\n"
            + "          \(RebuildPlanText.mebibytes(predicted.memory)) of memory; took "
            + "\(RebuildPlanText.mebibytes(document.memory))\n"
            + "          \(Counted.of(predicted.rows, "row")); made \(rows)"
    }

    private static func lines(_ parting: PartingDocument) -> [String] {
        guard let batch = parting.batch else {
            let reason = parting.reason.map { ": \($0)" } ?? ""
            return [Paint.bad("cause") + "  \(words(parting.cause))\(reason)"] + events(of: parting)
        }
        let stretch =
            "after batch \(batch) of the live one, \(Counted.of(parting.size, "event")) long"
            + " (through \(parting.through.map { "\($0.partition)=\($0.position)" }.joined(separator: " ")))"
        return [Paint.bad("cause") + "  \(stretch): \(words(parting.cause))"] + events(of: parting)
    }

    private static func events(of parting: PartingDocument) -> [String] {
        let events = parting.events.prefix(shownMax).map {
            "    \($0.event)  partition \($0.partition), position \($0.position)"
        }
        let more = parting.count > shownMax ? ["    and \(parting.count - shownMax) more"] : []
        return events + more + (parting.events.first.map { ["    next: roost trace \($0.eventID) --up"] } ?? [])
    }

    private static let shownMax = 5

    private static func lines(_ row: RowDifferenceDocument) -> [String] {
        if row.eventID == nil, row.live.isEmpty || row.rebuilt.isEmpty {
            let (side, verb) = row.live.isEmpty ? ("live", "removed") : ("rebuilt", "added")
            let words = row.cause == handEdited ? "was \(verb) by hand" : words(row.cause)
            return ["  \(row.table)/\(row.key)  no such row \(side): \(words)"]
        }
        let values = row.columns.indices.map { column in
            func value(_ values: [String]) -> String { column < values.count ? values[column] : "no row" }
            let around =
                row.eventID == nil ? "" : "; \(value(row.before)) before the event, \(value(row.after)) after it"
            return "    \(row.columns[column]) \(value(row.rebuilt)) rebuilt, \(value(row.live)) live\(around)"
        }
        let words = row.cause == handEdited ? "was changed by hand" : words(row.cause)
        return ["  \(row.table)/\(row.key)  \(words) \(row.event ?? "")".trimmed] + values
    }

    private static let handEdited = "handEdited"

    private static func words(_ cause: String) -> String {
        switch cause {
        case "missed": "the live one has missed"
        case "parked": "the live one has parked, and a rebuild applies"
        case "appliedTwice": "the live one has applied twice"
        case "orderDependent": "depends on the order of partitions"
        case "nonDeterministic": "is not the same twice: its handler is not deterministic"
        case handEdited: "rows were changed by hand: no event has written what is on disk"
        case "codeChanged": "was made by another build, and no experiment with this one makes it"
        default: "no experiment explains it"
        }
    }
}

extension String {
    fileprivate var trimmed: String { hasSuffix(" ") ? String(dropLast()) : self }
}
