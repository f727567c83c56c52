import RoostClient
import RoostCore
import RoostTrace

/// A chain as it grows.
extension TraceCommand {
    private static let lookEvery = Duration.milliseconds(200)

    /// Shows the chain anew whenever it has changed, in place on a terminal; ends with Ctrl-C alone.
    func followed() async throws {
        var view = FollowedTrace(isRedrawn: Terminal.columns != nil && !outputOptions.json)
        try await clusterOptions.withClient { client in
            guard var trace = try traces(ids, client).first else { return }
            while true {
                let shown = up || down ? try part(of: trace) : trace
                if outputOptions.json {
                    for event in view.new(in: shown) { try outputOptions.put(DocumentText.line(event) + [10]) }
                } else {
                    view.show(shown, TraceExport.tree(shown, isFlat: flat))
                }
                try await Task.sleep(for: Self.lookEvery)
                trace = try client.trace(trace.correlationID, withData: payload)
            }
        }
    }
}

/// What of a growing chain was shown already.
private struct FollowedTrace {
    let isRedrawn: Bool
    private var known: Set<EventID> = []
    private var text = ""
    private var refusals: Int?
    private var isComplete = false

    init(isRedrawn: Bool) { self.isRedrawn = isRedrawn }

    mutating func new(in trace: Trace) -> [TraceEvent] {
        trace.events.filter { known.insert($0.eventID).inserted }
    }

    mutating func show(_ trace: Trace, _ newText: String) {
        guard newText != text else { return }
        let isNew = !new(in: trace).isEmpty || trace.rejected?.count != refusals || trace.complete != isComplete
        (refusals, isComplete) = (trace.rejected?.count, trace.complete)
        guard isRedrawn || isNew else { return }
        if !text.isEmpty { Terminal.out(isRedrawn ? Self.erasing(text) : "\n") }
        text = newText
        Terminal.out(newText)
    }

    /// Goes back to where a text began; where that is above the screen, begins a new screen.
    private static func erasing(_ text: String) -> String {
        let rows = rows(of: text)
        return rows < Terminal.rows ?? .max ? "\u{1B}[\(rows)A\u{1B}[J" : "\u{1B}[H\u{1B}[2J"
    }

    /// Rows of the terminal that a text takes: a line that is too long goes on in the next row.
    private static func rows(of text: String) -> Int {
        let columns = Terminal.columns ?? .max
        let plain = text.replacing(/\u{1B}\[[0-9;]*m/, with: "")
        return plain.split(separator: "\n", omittingEmptySubsequences: false).dropLast().reduce(0) {
            $0 + max(1, ($1.count + columns - 1) / columns)
        }
    }
}
