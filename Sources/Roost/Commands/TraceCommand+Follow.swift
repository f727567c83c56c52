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

    init(isRedrawn: Bool) { self.isRedrawn = isRedrawn }

    mutating func new(in trace: Trace) -> [TraceEvent] {
        trace.events.filter { known.insert($0.eventID).inserted }
    }

    mutating func show(_ trace: Trace, _ newText: String) {
        guard newText != text else { return }
        guard isRedrawn || !new(in: trace).isEmpty else { return }
        if isRedrawn, !text.isEmpty {
            let lines = text.utf8.count { $0 == 10 }
            Terminal.out("\u{1B}[\(lines)A\u{1B}[J")
        }
        text = newText
        Terminal.out(newText)
    }
}
