import RoostClient
import RoostJSON

/// States and their changes as text.
enum StateText {
    /// Characters of one value; the rest is in the document.
    private static let valueMax = 60
    /// Changes shown of one event.
    private static let changesMax = 12

    static func state(_ document: StateDocument) -> String {
        var lines = [Paint.name("\(document.stream) #\(document.version)") + Paint.dim(scope(document))]
        lines.append(document.state.prettyPrinted)
        if let late = document.outOfOrder, late > 0 {
            lines.append(
                "\(late) of these \(document.events) events were recorded after something that occurred later: what an "
                    + "event says about the whole, such as a level, may include it")
        }
        return (lines + ["next: roost history \(document.stream)"]).map { $0 + "\n" }.joined()
    }

    private static func scope(_ document: StateDocument) -> String {
        guard document.outOfOrder == nil else {
            return " the last of \(document.events) events that had occurred, of \(document.newestVersion)"
        }
        return " of \(document.newestVersion), recorded \(document.recordedAt)"
    }

    static func diff(_ document: DiffDocument) -> String {
        let head =
            Paint.name(document.stream)
            + Paint.dim(
                " from #\(document.from.version) at \(document.from.at) to #\(document.to.version) at \(document.to.at)"
            )
        guard !document.changes.isEmpty else { return head + "\nnothing changed\n" }
        return head + "\n" + changes(document.changes)
    }

    static func history(_ document: HistoryDocument, field: String?) -> String {
        guard let last = document.entries.last else {
            return "no event of \(document.stream) changed \(field.map { "'\($0)'" } ?? "anything")\n"
        }
        let end =
            document.nextVersion.map { next in
                "more follows, to #\(document.newestVersion)\nnext: roost history \(document.stream) --from \(next)\n"
            } ?? "next: roost trace \(last.correlationID)\n"
        return document.entries.map { entry($0) }.joined() + end
    }

    static func entry(_ entry: HistoryDocument.Entry) -> String {
        let head = [Paint.dim("#\(entry.version)"), entry.recordedAt.description, Paint.name(entry.type), cause(entry)]
        let place = Paint.dim("event \(entry.eventID)" + (entry.process.map { ", stored by \($0)" } ?? ""))
        return head.joined(separator: "  ") + "\n    " + place + "\n" + changes(entry.changes)
    }

    private static func cause(_ entry: HistoryDocument.Entry) -> String {
        guard let cause = entry.cause else { return "somebody sent command \(entry.commandID)" }
        guard let type = cause.type, let stream = cause.stream, let version = cause.version else {
            return "because of event \(cause.eventID)"
        }
        return "because of \(type) of \(stream) #\(version)"
    }

    static func changes(_ changes: [FieldChange]) -> String {
        let shown = changes.prefix(changesMax)
        let width = shown.map(\.field.count).max() ?? 0
        let lines = shown.map { change in
            "    \(change.field)\(String(repeating: " ", count: width - change.field.count))  "
                + "\(text(change.before)) → \(text(change.after))\n"
        }
        let more = changes.count - shown.count
        return lines.joined() + (more > 0 ? "    … and \(more) more: --json\n" : "")
    }

    private static func text(_ value: JSONValue) -> String {
        guard value != .null else { return Paint.dim("nothing") }
        let text = value.string.flatMap { $0.isEmpty ? nil : $0 } ?? value.compact
        return text.count <= valueMax ? text : text.prefix(valueMax - 1) + "…"
    }
}
