import RoostCore

/// A trace as text for a terminal: a tree by default, or a flat list in order of time.
package struct TraceText: Sendable {
    package let trace: Trace
    package var isFlat: Bool
    /// Wraps words that deserve attention; gets a role and the text.
    package var paint: @Sendable (Paint, String) -> String

    package enum Paint: Sendable { case good, bad, dim, name }

    package init(
        _ trace: Trace, isFlat: Bool = false, paint: @escaping @Sendable (Paint, String) -> String = { $1 }
    ) {
        self.trace = trace
        self.isFlat = isFlat
        self.paint = paint
    }

    package var text: String {
        ([headline] + body + footer).map { $0 + "\n" }.joined()
    }

    private var headline: String {
        let processes = trace.processes.count
        var parts = [
            "correlation \(trace.correlationID)", Self.count(trace.events.count, "event"),
            "\(processes) process" + (processes == 1 ? "" : "es"), Self.milliseconds(duration),
        ]
        parts.append(trace.complete ? paint(.good, "complete") : paint(.bad, "incomplete"))
        return parts.joined(separator: "  ")
    }

    private var duration: Duration {
        guard let first = trace.events.first, let last = trace.events.last else { return .zero }
        return last.recordedAt - first.recordedAt
    }

    private var body: [String] {
        let rows =
            isFlat
            ? trace.events.map { TraceLine(event: $0, siblingsFollow: [], causeIsMissing: isMissing($0.causationID)) }
            : trace.lines
        guard let start = trace.events.first?.recordedAt else { return [] }
        let table = rows.map { cells(of: $0, start: start) }
        let widths = (0..<6).map { column in table.map { $0[column].count }.max() ?? 0 }
        return zip(rows, table).map { row, cells in
            var padded = cells.enumerated().map { Self.pad($1, to: widths[$0], right: $0 == 0) }
            padded[1] = padded[1].replacing(row.event.type, with: paint(.name, row.event.type), maxReplacements: 1)
            if row.causeIsMissing, let cause = row.event.causationID {
                padded.append(paint(.bad, "cause \(cause) is missing"))
            }
            return Self.trimmed("  " + padded.joined(separator: "  "))
        }
    }

    private func cells(of line: TraceLine, start: Timestamp) -> [String] {
        let event = line.event
        return [
            "+" + Self.milliseconds(event.recordedAt - start),
            Self.branches(line.siblingsFollow) + event.type,
            "\(event.stream) #\(event.version)",
            event.process ?? "?",
            "\(event.partition):\(event.position)",
            event.issuedBy.map { "via \($0)" } ?? "",
        ]
    }

    private var footer: [String] {
        let readers = Set(trace.events.flatMap(\.appliedBy)).sorted()
        var lines: [String] = []
        if !readers.isEmpty { lines.append(paint(.dim, "read by ") + readers.joined(separator: ", ")) }
        if !trace.waitingFor.isEmpty {
            lines.append(paint(.bad, "not yet read by ") + trace.waitingFor.joined(separator: ", "))
        }
        lines += trace.unreadable.map { paint(.bad, $0.text) }
        return lines
    }

    private func isMissing(_ cause: EventID?) -> Bool { cause.map { trace.missingCauses.contains($0) } ?? false }
}

extension TraceText {
    /// `├─ └─ │` for the levels below the root.
    private static func branches(_ siblingsFollow: [Bool]) -> String {
        guard let last = siblingsFollow.last else { return "" }
        return siblingsFollow.dropLast().map { $0 ? "│  " : "   " }.joined() + (last ? "├─ " : "└─ ")
    }

    /// With one digit after the point: `38.9 ms`.
    private static func milliseconds(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let tenths = seconds * 10_000 + attoseconds / 100_000_000_000_000
        return "\(tenths / 10).\(tenths % 10) ms"
    }

    private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    private static func pad(_ text: String, to width: Int, right: Bool) -> String {
        let fill = String(repeating: " ", count: max(0, width - text.count))
        return right ? fill + text : text + fill
    }

    private static func trimmed(_ text: String) -> String {
        var text = text
        while text.last == " " { text.removeLast() }
        return text
    }
}
