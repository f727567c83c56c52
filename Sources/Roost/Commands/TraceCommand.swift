import ArgumentParser
import Foundation
import RoostClient
import RoostCore
import RoostTrace

struct TraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace", abstract: "Show a chain of events as a tree: what caused what, where and when.",
        discussion: """
            Formats for others: mermaid (a sequence diagram), dot (Graphviz), otlp (OpenTelemetry, for trace viewers), chrome
            (Perfetto). What --json has written is shown again, without a cluster, by --file.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case tree, mermaid, dot, otlp, chrome }

    @Argument(help: "The correlation ID, or the ID of an event.")
    var id: String?

    @Flag(help: "The chain that somebody started last.")
    var last = false

    @Option(help: "The chain that holds this event.")
    var event: String?

    @Option(help: "The chain that a command with this ID stored events in.")
    var commandID: String?

    @Option(help: "Show the chain that this file holds: what --json has written.")
    var file: String?

    @Flag(help: "All chains by what they begin with: how many, how long they take, their slowest step.")
    var summary = false

    @Option(help: "So many chains of all, those that took longest.")
    var slowest: Int?

    @Flag(help: "With an event: only what led to it.")
    var up = false

    @Flag(help: "With an event: only what it led to.")
    var down = false

    @Option(help: "How it is shown.")
    var format: Format = .tree

    @Flag(help: "A list in order of time instead of a tree.")
    var flat = false

    @Flag(help: "The data of every event too.")
    var payload = false

    @Flag(help: "Go on showing the chain as it grows, until Ctrl-C: one JSON line for each event with --json.")
    var follow = false

    @OptionGroup var clusterOptions: ClusterOptions
    @OptionGroup var outputOptions: OutputOptions

    func validate() throws {
        let given = [id != nil, last, event != nil, commandID != nil, file != nil, summary || slowest != nil].count {
            $0
        }
        guard given == 1 else {
            throw ValidationError(
                "give one of ID, --last, --event ID, --command-id ID, --file EXPORT, --summary or --slowest N")
        }
        guard !(up || down) || id != nil || event != nil, !(up && down) else {
            throw ValidationError("--up or --down goes with the ID of an event")
        }
        guard !follow || (file == nil && !summary && slowest == nil && format == .tree) else {
            throw ValidationError("--follow goes with one chain of a cluster, shown as a tree, a list or JSON")
        }
        guard slowest ?? 1 > 0 else { throw ValidationError("--slowest is at least 1") }
    }

    mutating func run() async throws {
        let options = self
        if summary || slowest != nil { return try await showSummary() }
        if follow { return try await followed() }
        var (trace, cluster) = try await options.found()
        if up || down { trace = try part(of: trace) }
        try outputOptions.show(trace) {
            switch options.format {
            case .tree: options.text(of: trace)
            case .mermaid: TraceDrawing(trace).mermaid
            case .dot: TraceDrawing(trace).dot
            case .otlp: try Self.line(OTLPTraces([trace], cluster: cluster))
            case .chrome: try Self.line(ChromeTrace(trace))
            }
        }
        try UnreadableText.fail(trace.unreadable)
    }

    func text(of trace: Trace) -> String {
        TraceText(trace, isFlat: flat, columns: Terminal.columns) { paint, text in Self.paint(paint)(text) }.text
    }

    func part(of trace: Trace) throws -> Trace {
        guard let text = event ?? id, let event = EventID(text), trace.events.contains(where: { $0.eventID == event })
        else { throw ValidationError("--up or --down goes with the ID of an event") }
        return trace.showing(up ? .causes(of: event) : .effects(of: event))
    }

    private func showSummary() async throws {
        let count = slowest ?? 0
        let summary = try await clusterOptions.folding { try $0.chainSummary(slowest: count, progress: $1) }
        let showsKinds = self.summary
        try outputOptions.show(summary) { ChainsText.text(summary, showsKinds: showsKinds) }
    }

    private func found() async throws -> (Trace, cluster: String) {
        if let file { return (try Self.read(file), "file") }
        let options = self
        return try await clusterOptions.withClient { (try options.find($0), $0.name) }
    }

    private static func read(_ path: String) throws -> Trace {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(
                code: "unknownFile", message: "\(path) cannot be read",
                hint: "roost trace ID --json -o FILE writes one",
                exitCode: 4)
        }
        do {
            let trace = try DocumentText.parse(Trace.self, Array(data), what: path)
            if trace.schema == Trace.schema { return trace }
        } catch is ClientError {}
        throw Failure(
            code: "noTrace", message: "\(path) holds no chain of format \(Trace.schema)",
            hint: "roost trace ID --json -o FILE writes one", exitCode: 64)
    }

    private static func line(_ document: some Encodable) throws -> String {
        String(decoding: try DocumentText.line(document), as: UTF8.self) + "\n"
    }

    func find(_ client: ClusterClient) throws -> Trace {
        if let event { return try client.trace(event: try eventID(event), withData: payload) }
        if let commandID { return try client.trace(command: try CommandID(commandID), withData: payload) }
        guard let id else { return try client.lastTrace(withData: payload) }
        // Whatever is no ID of Roost's own can only be that of a command.
        guard let correlation = CorrelationID(id) else {
            return try client.trace(command: try CommandID(id), withData: payload)
        }
        return try client.trace(correlationOrEvent: correlation, withData: payload)
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
