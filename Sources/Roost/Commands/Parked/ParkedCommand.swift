import ArgumentParser
import RoostClient
import RoostCore

struct ParkedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parked", abstract: "What was set aside instead of being skipped, and what to do about it.",
        discussion: """
            An event that a projection cannot apply parks its stream in that projection: it and all later events of the stream
            wait, in order, while everything else goes on. Mend the code, then 'retry'; or give the events up with 'discard'.
            A follow-up command that was refused, as when stock is out, is set aside by its reactor, which goes on.
            """,
        subcommands: [ParkedList.self, ParkedShow.self, ParkedRetry.self, ParkedDiscard.self],
        defaultSubcommand: ParkedList.self)
}

/// Which projection is meant.
struct ProjectionOption: ParsableArguments {
    @Option(help: "Only in this projection.")
    var projection: String?
}

struct ParkedList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "The parked streams of projections, and the refused commands of reactors.")

    @OptionGroup var limitOptions: LimitOptions
    @OptionGroup var clusterOptions: ClusterOptions
    @OptionGroup var outputOptions: OutputOptions

    mutating func run() async throws {
        let document = try await clusterOptions.withClient { try $0.parked() }
        let limit = limitOptions.limit
        try outputOptions.show(document) {
            Self.streams(document, limit) + Self.discarded(document, limit) + Self.commands(document, limit)
        }
    }

    private static func streams(_ document: ParkedDocument, _ limit: Int) -> String {
        var table = TextTable([
            ("parked", .left), ("projection", .left), ("stream", .left), ("events", .right), ("first", .left),
            ("position", .left), ("tries", .right), ("why", .left),
        ])
        let shown = document.streams.prefix(limit)
        for stream in shown {
            table.add([
                "\(stream.parkedAt)", stream.projection, stream.stream, String(stream.events), stream.type,
                "\(stream.partition)/\(stream.position)", String(stream.attempts), stream.reason,
            ])
        }
        let events = document.streams.reduce(0) { $0 + $1.events }
        let count = "\(shown.count) of \(Counted.of(document.streams.count, "parked stream"))"
        let next = shown.first.map { "next: roost parked show \($0.stream)\n" } ?? ""
        return table.text + Paint.dim("\(count), \(Counted.of(events, "event"))\n") + next
    }

    private static func discarded(_ document: ParkedDocument, _ limit: Int) -> String {
        guard !document.discarded.isEmpty else { return "" }
        var table = TextTable([
            ("discarded in", .left), ("stream", .left), ("events", .right), ("why they were parked", .left),
        ])
        for row in document.discarded.prefix(limit) {
            table.add([row.projection, row.stream, String(row.events), row.reason])
        }
        return "\n" + table.text
    }

    private static func commands(_ document: ParkedDocument, _ limit: Int) -> String {
        var table = TextTable([
            ("refused", .left), ("reactor", .left), ("command", .left), ("stream", .left), ("why", .left),
        ])
        let shown = document.commands.suffix(limit)
        for command in shown {
            table.add([
                "\(command.parkedAt)", command.reactor, command.command, command.stream,
                "\(command.code): \(command.reason)",
            ])
        }
        let next = shown.last.map { "next: roost trace \($0.eventID)\n" } ?? ""
        let count = "\(shown.count) of \(Counted.of(document.commands.count, "refused command"))\n"
        return "\n" + table.text + Paint.dim(count) + next
    }
}

struct ParkedShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "The parked events of one stream, in order, and why they are.")

    @Argument(help: "The stream, as in order/17.")
    var stream: String

    @OptionGroup var projectionOption: ProjectionOption
    @OptionGroup var limitOptions: LimitOptions
    @OptionGroup var clusterOptions: ClusterOptions
    @OptionGroup var outputOptions: OutputOptions

    mutating func run() async throws {
        let name = try StreamName(stream)
        let (projection, limit) = (projectionOption.projection, limitOptions.limit)
        let document = try await clusterOptions.withClient {
            try $0.parkedEvents(of: name, in: projection, limit: limit)
        }
        try outputOptions.show(document) { Self.text(document) }
    }

    private static func text(_ document: ParkedStreamDocument) -> String {
        var text = ""
        for parked in document.projections {
            var table = TextTable([
                ("version", .right), ("type", .left), ("position", .left), ("tries", .right), ("why", .left),
                ("event", .left),
            ])
            for event in parked.events {
                table.add([
                    "\(event.version)", event.type, "\(event.partition)/\(event.position)", String(event.attempts),
                    event.reason, "\(event.eventID)",
                ])
            }
            let count = "\(parked.events.count) of \(Counted.of(parked.count, "event")) parked in \(parked.projection)"
            text += Paint.name(document.stream) + "  \(count)\n" + table.text
        }
        let event = document.projections.first?.events.first.map { "next: roost trace \($0.eventID)\n" } ?? ""
        return text + event + "next: roost parked retry \(document.stream) --dry-run\n"
    }
}
