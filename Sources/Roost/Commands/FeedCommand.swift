import ArgumentParser
import RoostClient
import RoostJSON

struct FeedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feed", abstract: "What is published for others, by number.",
        discussion: """
            A public event keeps its number and its ID for ever. Who has read up to a number goes on with --after. The events
            themselves are CloudEvents: --json shows them whole.
            """)

    @Argument(help: "The feed; needed only when there are several.")
    var name: String?

    @Option(help: "Only what has a higher number.")
    var after: UInt64 = 0

    @OptionGroup var limitOptions: LimitOptions
    @OptionGroup var clusterOptions: ClusterOptions
    @OptionGroup var outputOptions: OutputOptions

    mutating func run() async throws {
        let (name, after, limit) = (name, after, limitOptions.limit)
        let document = try await clusterOptions.withClient { try $0.feed(name, after: after, limit: limit) }
        try outputOptions.show(document) { Self.text(document) }
    }

    private static func text(_ document: FeedDocument) -> String {
        var table = TextTable([
            ("number", .right), ("type", .left), ("subject", .left), ("occurred", .left), ("correlation", .left),
        ])
        for event in document.events {
            let texts = ["sequence", "type", "subject", "time", "correlationid"].map { event[$0]?.string ?? "-" }
            table.add([String(texts[0].drop { $0 == "0" })] + texts.dropFirst())
        }
        let next = document.next.map { "next: roost feed \(document.feed) --after \($0)\n" } ?? ""
        return table.text
            + Paint.dim("\(document.events.count) events of \(document.feed), newest \(document.newest)\n")
            + next
    }
}
