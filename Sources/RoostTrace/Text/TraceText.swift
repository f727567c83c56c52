import RoostCore
import RoostJSON

/// A trace as text for a terminal: a tree by default, or a flat list in order of time.
package struct TraceText: Sendable {
    package let trace: Trace
    package var isFlat: Bool
    /// The width of the terminal: what does not fit is left out, the least needed first. nil shows the columns without lag,
    /// however wide they are.
    package var columns: Int?
    /// Wraps words that deserve attention; gets a role and the text.
    package var paint: @Sendable (Paint, String) -> String

    package enum Paint: Sendable { case good, bad, dim, name }

    package init(
        _ trace: Trace, isFlat: Bool = false, columns: Int? = nil,
        paint: @escaping @Sendable (Paint, String) -> String = { $1 }
    ) {
        self.trace = trace
        self.isFlat = isFlat
        self.columns = columns
        self.paint = paint
    }

    package var text: String {
        (headline + body + footer).map { $0 + "\n" }.joined()
    }

    /// One line, or two where it does not fit.
    private var headline: [String] {
        let processes = trace.processes.count
        var parts = [
            "correlation \(trace.correlationID)", Self.count(trace.events.count, "event"),
            "\(processes) process" + (processes == 1 ? "" : "es"), duration.words,
        ]
        let verdict = trace.complete ? "complete" : "incomplete"
        let fits = (parts + [verdict]).joined(separator: "  ").count <= columns ?? .max
        parts.append(paint(trace.complete ? .good : .bad, verdict))
        if fits { return [parts.joined(separator: "  ")] }
        return [parts[0], parts.dropFirst().joined(separator: "  ")]
    }

    private var duration: Duration {
        guard let first = trace.events.first, let last = trace.events.last else { return .zero }
        return last.recordedAt - first.recordedAt
    }

    // MARK: - Rows

    private var body: [String] {
        let rows =
            isFlat
            ? trace.events.map { TraceLine(event: $0, siblingsFollow: [], causeIsMissing: isMissing($0.causationID)) }
            : trace.lines
        let table = TraceTable(rows: rows, start: trace.events.first?.recordedAt, columns: columns)
        var lines = table.headline.map { [paint(.dim, $0)] } ?? []
        var latest = rows.first?.event.recordedAt
        for (row, text) in zip(rows, table.lines) {
            lines += idle(from: latest, to: row.event.recordedAt, table.timeWidth)
            latest = max(latest ?? row.event.recordedAt, row.event.recordedAt)
            var text = text.replacing(row.event.type, with: paint(.name, row.event.type), maxReplacements: 1)
            if row.causeIsMissing, let cause = row.event.causationID {
                text += "  " + paint(.bad, "cause \(cause) is missing")
            }
            lines.append(text)
            if let data = row.event.data {
                lines.append(String(repeating: " ", count: table.timeWidth + 4) + paint(.dim, data.compact))
            }
        }
        return lines
    }

    /// Nothing happened for so long that it deserves a line: ten seconds, or half of a chain that took more than one.
    private func isIdle(_ time: Duration) -> Bool {
        time >= .seconds(10) || time >= .seconds(1) && time * 2 >= duration
    }

    private func idle(from before: Timestamp?, to now: Timestamp, _ timeWidth: Int) -> [String] {
        guard let before, isIdle(now - before) else { return [] }
        let words = "\((now - before).words) without an event"
        return ["  " + String(repeating: " ", count: max(0, timeWidth - 1)) + paint(.dim, "⋮  " + words)]
    }

    private func isMissing(_ cause: EventID?) -> Bool { cause.map { trace.missingCauses.contains($0) } ?? false }

    // MARK: - What else is known

    private var footer: [String] {
        var lines: [String] = []
        if !readBy.isEmpty { lines += wrapped(wasObserved ? "read within " : "read by ", readBy) }
        if !trace.waitingFor.isEmpty {
            lines.append(paint(.bad, "not yet read by ") + trace.waitingFor.joined(separator: ", "))
        }
        lines += (trace.timers ?? []).map(line)
        lines += (trace.rejected ?? []).map(line)
        lines += (trace.findings ?? []).map(line)
        lines += trace.unreadable.map { paint(.bad, $0.text) }
        lines += (trace.obstacles ?? []).map { paint(.bad, $0) }
        if let gaps, trace.events.contains(where: { ($0.handled ?? []).isEmpty }) { lines.append(gaps) }
        return lines
    }

    /// Each reader, with the longest time from when an event was recorded until it was applied or handled.
    private var readBy: [String] {
        Set(trace.events.flatMap(\.appliedBy)).sorted().map { reader in
            let longest = trace.events.compactMap { $0.lag(of: reader) }.max()
            return reader + (longest.map { " \($0.words)" } ?? "")
        }
    }

    private var wasObserved: Bool { trace.events.contains { !($0.handled ?? []).isEmpty } }

    /// A list in as many lines as it needs.
    private func wrapped(_ title: String, _ items: [String]) -> [String] {
        var lines: [String] = []
        var line = ""
        for (index, item) in items.enumerated() {
            let piece = item + (index < items.count - 1 ? "," : "")
            if !line.isEmpty, title.count + line.count + piece.count + 1 > columns ?? .max {
                lines.append(line)
                line = ""
            }
            line += line.isEmpty ? piece : " " + piece
        }
        lines.append(line)
        let indent = String(repeating: " ", count: title.count)
        return lines.enumerated().map { ($0 == 0 ? paint(.dim, title) : indent) + $1 }
    }

    private func line(_ timer: ChainTimer) -> String {
        paint(.dim, "put off ") + "\(timer.command) to \(timer.stream) until \(timer.due) by \(timer.reactor)"
    }

    private func line(_ rejected: RejectedCommand) -> String {
        let cause = rejected.causationID.flatMap { id in trace.events.first { $0.eventID == id } }
        let because = cause.map { ", which \($0.type) \($0.stream) #\($0.version) led to" } ?? ""
        let code = rejected.code == "rejected" ? "" : "\(rejected.code): "
        return paint(.bad, "refused ")
            + "\(rejected.command) to \(rejected.stream)\(because): \(code)\(rejected.reason)"
    }

    private func line(_ finding: CausalFinding) -> String {
        paint(.bad, "\(finding.kind.words) ") + "\(finding.type) at \(finding.partition):\(finding.position): "
            + "\(finding.detail) (\(finding.contract))"
    }

    private var gaps: String? {
        guard let gaps = trace.gaps else { return nil }
        let parts = [
            (gaps.lostReports, "reports lost"), (gaps.dropped, "entries dropped"), (gaps.removed, "removed as too old"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return parts.isEmpty ? nil : paint(.dim, "not everything was observed: " + parts.joined(separator: ", "))
    }

    private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}

extension TraceEvent {
    /// How long after it was recorded a reader had applied or handled it, the first time that was observed.
    package func lag(of reader: String) -> Duration? {
        guard appliedBy.contains(reader), let handling = handled?.first(where: { $0.process == reader }) else {
            return nil
        }
        return max(.zero, handling.endedAt - recordedAt)
    }
}

extension CausalFinding.Kind {
    /// As a person reads it.
    package var words: String {
        switch self {
        case .wrongCause: "wrong cause"
        case .tooDeep: "too deep"
        case .correlationChanged: "correlation changed"
        case .missing, .duplicate, .late, .orphan, .cycle: rawValue
        }
    }
}
