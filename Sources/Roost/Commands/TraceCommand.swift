import ArgumentParser
import RoostClient
import RoostCore
import RoostTrace

struct TraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace", abstract: "Show a chain of events as a tree: what caused what, where and when.")

    @Argument(help: "The correlation ID, or the ID of an event.")
    var id: String?

    @Flag(help: "The chain that somebody started last.")
    var last = false

    @Option(help: "The chain that holds this event.")
    var event: String?

    @Flag(help: "A list in order of time instead of a tree.")
    var flat = false

    @OptionGroup var clusterOptions: ClusterOptions
    @OptionGroup var outputOptions: OutputOptions

    func validate() throws {
        let given = [id != nil, last, event != nil].count { $0 }
        guard given == 1 else { throw ValidationError("give one of ID, --last or --event ID") }
    }

    mutating func run() async throws {
        let options = self
        let trace = try await clusterOptions.withClient { try options.find($0) }
        try outputOptions.show(trace) {
            TraceText(trace, isFlat: options.flat) { paint, text in Self.paint(paint)(text) }.text
        }
        try UnreadableText.fail(trace.unreadable)
    }

    private func find(_ client: ClusterClient) throws -> Trace {
        if let event { return try client.trace(event: try eventID(event)) }
        guard let id else { return try client.lastTrace() }
        guard let correlation = CorrelationID(id) else { throw notAnID(id) }
        return try client.trace(correlationOrEvent: correlation)
    }

    private func eventID(_ text: String) throws -> EventID {
        guard let id = EventID(text) else { throw notAnID(text) }
        return id
    }

    private func notAnID(_ text: String) -> ValidationError {
        ValidationError("'\(text)' is no ID: 32 hexadecimal digits, with or without dashes")
    }

    private static func paint(_ paint: TraceText.Paint) -> Paint {
        switch paint {
        case .good: .good
        case .bad: .bad
        case .dim: .dim
        case .name: .name
        }
    }
}
