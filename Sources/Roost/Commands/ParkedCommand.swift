import ArgumentParser
import RoostClient

struct ParkedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parked", abstract: "Follow-up commands that were refused, and set aside by their reactors.",
        discussion: """
            A reactor goes on when a command of its own is refused, as when stock is out, or when a chain has become too deep
            because reactors answer each other: here is what it has set aside, and why.
            """)

    @OptionGroup var limitOptions: LimitOptions
    @OptionGroup var clusterOptions: ClusterOptions
    @OptionGroup var outputOptions: OutputOptions

    mutating func run() async throws {
        let document = try await clusterOptions.withClient { try $0.parked() }
        let limit = limitOptions.limit
        try outputOptions.show(document) { Self.text(document, limit) }
    }

    private static func text(_ document: ParkedDocument, _ limit: Int) -> String {
        var table = TextTable([
            ("parked", .left), ("reactor", .left), ("command", .left), ("stream", .left), ("why", .left),
        ])
        let shown = document.commands.suffix(limit)
        for command in shown {
            table.add([
                "\(command.parkedAt)", command.reactor, command.command, command.stream,
                "\(command.code): \(command.reason)",
            ])
        }
        let next = shown.last.map { "next: roost trace \($0.eventID)\n" } ?? ""
        return table.text + Paint.dim("\(shown.count) of \(Counted.of(document.commands.count, "command"))\n") + next
    }
}
