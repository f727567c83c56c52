import ArgumentParser
import RoostClient

struct WhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why", abstract: "Which events made a row of a projection what it is.",
        discussion: """
            Folds the log once more, beside the projection, and looks at the row after each event: nothing is kept for it until
            somebody asks.
            Examples: roost why dashboard orders/order/17 · roost why dashboard stock/71053 level ("why is this value 7?")
            The parts of a longer key are separated by commas: roost why search documents/order,order/17
            """)

    @Argument(help: "The projection.")
    var projection: String

    @Argument(help: "The row: TABLE/KEY.")
    var row: String

    @Argument(help: "Only changes of this column.")
    var column: String?

    @OptionGroup var limitOptions: LimitOptions
    @OptionGroup var clusterOptions: ClusterOptions
    @OptionGroup var outputOptions: OutputOptions

    mutating func run() async throws {
        guard let target = WhyTarget(row) else {
            throw ValidationError("'\(row)' names no row: write TABLE/KEY, as in orders/order/17")
        }
        let (projection, column, limit) = (projection, column, limitOptions.limit)
        let progress = ProgressLine()
        let document = try await clusterOptions.withClient { client in
            try client.why(projection, target, column: column) { events in progress.show { "\(events) events" } }
        }
        progress.finish()
        try outputOptions.show(document) { Self.text(document, limit) }
    }

    /// The newest ones, which say why the row is what it is now.
    private static func text(_ document: WhyDocument, _ limit: Int) -> String {
        let shown = document.entries.suffix(limit)
        let earlier = document.entries.count - shown.count
        let head = earlier > 0 ? "\(Counted.of(earlier, "earlier event")): --limit \(document.entries.count)\n" : ""
        let entries = shown.map { entry in
            let place = Paint.dim("\(entry.stream) #\(entry.version)  \(entry.partition):\(entry.position)")
            return "\(entry.recordedAt)  \(Paint.name(entry.type))  \(place)\n" + StateText.changes(entry.changes)
        }
        guard let last = shown.last else {
            return "no event changed \(document.column.map { "'\($0)'" } ?? "the row")\n"
        }
        let gone = document.exists ? "" : "the row is not there any more\n"
        return head + entries.joined() + gone + "next: roost trace \(last.correlationID)\n"
    }
}
