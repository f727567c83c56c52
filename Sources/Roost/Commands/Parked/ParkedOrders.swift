import ArgumentParser
import RoostClient
import RoostCore
import RoostNode

struct ParkedRetry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Apply parked events after all, in the order of their streams.",
        discussion: """
            The process of the projection does it, a page of \(ProjectionStore.parkedPageMax) events a transaction, while it \
            goes on with everything else; an event that comes to a stream meanwhile waits its turn. Events are applied up to \
            one that still cannot be: that is the first parked event of the stream then. With --dry-run nothing changes in \
            any case. Exit code 2 when an event cannot be applied.
            """)

    @Argument(help: "The stream, as in order/17.")
    var stream: String?

    @Flag(help: "Every parked stream.")
    var all = false

    @Flag(help: "Only say whether the events could be applied now.")
    var dryRun = false

    @OptionGroup var projectionOption: ProjectionOption
    @OptionGroup var clusterOptions: ClusterOptions
    @OptionGroup var outputOptions: OutputOptions

    func validate() throws {
        guard (stream == nil) == all else { throw ValidationError("name a stream, or say --all") }
    }

    mutating func run() async throws {
        let order = ParkedOrder(
            action: dryRun ? .dryRun : .retry, stream: try stream.map { try StreamName($0) },
            projection: projectionOption.projection)
        let document = try await order.carryOut(clusterOptions)
        try outputOptions.show(document) { ParkedOrder.text(document) }
        if !document.refused.isEmpty { throw ExitCode(2) }
    }
}

struct ParkedDiscard: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard", abstract: "Give up the parked events of a stream, for good.",
        discussion: """
            They stay in the log and are counted as discarded in the projection, which never applies them, not even when it is
            made again. With --first only the first one is given up: the rest can be tried again.
            """)

    @Argument(help: "The stream, as in order/17.")
    var stream: String

    @Flag(help: "Only its first parked event.")
    var first = false

    @Flag(help: "Do not ask.")
    var yes = false

    @OptionGroup var projectionOption: ProjectionOption
    @OptionGroup var clusterOptions: ClusterOptions
    @OptionGroup var outputOptions: OutputOptions

    mutating func run() async throws {
        let order = ParkedOrder(
            action: .discard, stream: try StreamName(stream), projection: projectionOption.projection, onlyFirst: first,
            isConfirmed: yes)
        let document = try await order.carryOut(clusterOptions)
        try outputOptions.show(document) { ParkedOrder.text(document) }
    }
}

/// Something that is done about parked events by the processes that own them.
struct ParkedOrder {
    let action: ParkingOrder.Action
    /// nil for all.
    let stream: StreamName?
    let projection: String?
    var onlyFirst = false
    var isConfirmed = true

    /// Says how much there is before anything is done.
    func carryOut(_ clusterOptions: ClusterOptions) async throws -> ParkedOrderDocument {
        _ = try clusterOptions.running()
        return try await clusterOptions.withClient { client in
            let parked = try client.parkedIn(projection) { stream == nil || $0.stream == stream?.description }
            if parked.isEmpty, let stream { throw client.notParked(stream.description, projection) }
            let projections = parked.map(\.projection).reduce(into: [String]()) { names, name in
                if names.last != name { names.append(name) }
            }
            let total = parked.reduce(0) { $0 + $1.events }
            let streams = Counted.of(Set(parked.map(\.stream)).count, "stream")
            let places = projections.isEmpty ? "any projection" : projections.joined(separator: ", ")
            Terminal.error("\(Counted.of(total, "event")) of \(streams) parked in \(places)\n")
            try Confirmation.ask("discard \(onlyFirst ? "the first" : "all of them")?", unless: isConfirmed)
            let line = ProgressLine()
            defer { line.finish() }
            return try await client.order(action, stream, in: projections, onlyFirst: onlyFirst) { done in
                line.show { "\(done) of \(total) events" }
            }
        }
    }

    static func text(_ document: ParkedOrderDocument) -> String {
        let words =
            switch document.action {
            case "retry": "applied"
            case "dryRun": "could be applied"
            default: "discarded"
            }
        var text = "\(Counted.of(document.events, "event")) \(words)\n"
        for stream in document.refused {
            guard let refused = stream.refused else { continue }
            text +=
                Paint.bad("refused") + "  \(stream.projection)  \(stream.stream)  \(refused.type) at "
                + "\(refused.partition)/\(refused.position), after \(Counted.of(stream.events, "event")) that "
                + "\(document.action == "retry" ? "passed" : "would pass"): \(refused.reason)\n"
        }
        let next = document.refused.first.map { "next: roost parked show \($0.stream)\n" }
        return text + (next ?? "next: roost projections\n")
    }
}
