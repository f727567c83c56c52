import ArgumentParser
import RoostClient
import RoostCore
import RoostTrace

struct TraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace", abstract: "Show a chain of events as a tree: what caused what, where and when.",
        discussion: """
            Several IDs show several chains. On a wide terminal it also shows how long after its recording each reader had
            an event. Formats for others: mermaid (a sequence diagram), dot (Graphviz), otlp (OpenTelemetry, for trace
            viewers), chrome (Perfetto), cloudevents (a line for each event, with its data). What --json has written is
            shown again, without a cluster, by --file.
            """)

    @Argument(help: "IDs of chains, events or commands, trace IDs of clients, or places as in 0:7122.")
    var ids: [String] = []

    @Flag(help: "The chain that somebody started last.")
    var last = false

    @Option(help: "The chain that holds this event.")
    var event: String?

    @Option(help: "The chain that a command with this ID stored events in.")
    var commandID: String?

    @Option(help: "Show what this file holds, which --json has written; with IDs only those chains.")
    var file: String?

    @Flag(help: "All chains by what they begin with: how many, how long they take, their slowest step.")
    var summary = false

    @Option(
        help: "So many chains of all, those that took longest: a list, or with otlp, chrome or cloudevents the chains.")
    var slowest: Int?

    @Flag(help: "With an event: only what led to it.")
    var up = false

    @Flag(help: "With an event: only what it led to.")
    var down = false

    @Option(help: "How it is shown.")
    var format: TraceFormat = .tree

    @Flag(help: "A list in order of time instead of a tree.")
    var flat = false

    @Flag(help: "The data of every event too.")
    var payload = false

    @Flag(help: "Go on showing the chain as it grows, until Ctrl-C: one JSON line for each event with --json.")
    var follow = false

    @OptionGroup var clusterOptions: ClusterOptions
    @OptionGroup var outputOptions: OutputOptions

    func validate() throws {
        let given = [
            (file == nil && !ids.isEmpty, "ID"), (last, "--last"), (event != nil, "--event"),
            (commandID != nil, "--command-id"), (file != nil, "--file"), (summary || slowest != nil, "--summary"),
        ].filter(\.0).map(\.1)
        guard given.count == 1 else {
            throw ValidationError(
                "give one of ID…, --last, --event ID, --command-id ID, --file EXPORT, --summary or --slowest N"
                    + (given.isEmpty ? "" : ", not \(given.joined(separator: " and "))"))
        }
        guard !(up && down) else {
            throw ValidationError("--up and --down exclude each other: without both all is shown")
        }
        guard !(up || down) || ids.count == 1 || event != nil else { throw ValidationError(Self.wantsEvent) }
        guard slowest ?? 1 > 0 else { throw ValidationError("--slowest is at least 1") }
        guard !follow || (file == nil && ids.count < 2 && !summary && slowest == nil && format == .tree) else {
            throw ValidationError("--follow goes with one chain of a cluster, shown as a tree, a list or JSON")
        }
        guard !outputOptions.json || format == .tree else {
            throw ValidationError("--json is a format of its own: give it or --format \(format.rawValue)")
        }
        guard format == .tree || format.exportsMany || !(summary || slowest != nil) else {
            throw ValidationError(
                "--format \(format.rawValue) draws one chain, and --summary and --slowest are about many")
        }
    }

    mutating func run() async throws {
        if follow { return try await followed() }
        if summary || slowest != nil && !format.exportsMany { return try await showSummary() }
        var chains = try await found()
        if up || down { chains.traces = try chains.traces.map(part) }
        try TraceExport(format, isFlat: flat, chains).show(outputOptions)
        try UnreadableText.fail(chains.traces.flatMap(\.unreadable))
    }

    func part(of trace: Trace) throws -> Trace {
        guard let text = event ?? ids.first, let event = EventID(text),
            trace.events.contains(where: { $0.eventID == event })
        else { throw Failure(code: "usage", message: Self.wantsEvent, hint: "roost trace --help", exitCode: 64) }
        return trace.showing(up ? .causes(of: event) : .effects(of: event))
    }

    private static let wantsEvent = "--up or --down goes with the ID of an event"

    private func showSummary() async throws {
        let count = slowest ?? 0
        let summary = try await clusterOptions.folding { try $0.chainSummary(slowest: count, progress: $1) }
        let showsKinds = self.summary
        try outputOptions.show(summary) { ChainsText.text(summary, showsKinds: showsKinds) }
    }

    // MARK: - Which chains

    private func found() async throws -> FoundChains {
        if let file {
            return FoundChains(traces: try TraceFile(path: file).traces(try ids.map(correlationID)))
        }
        let options = self
        let ids = slowest == nil ? ids : try await slowestIDs()
        return try await clusterOptions.withClient { client in
            FoundChains(traces: try await options.observed(ids, client))
        }
    }

    /// What was done about events and commands of this moment is known a moment later.
    private func observed(_ ids: [String], _ client: ClusterClient) async throws -> [Trace] {
        var found: [Trace]
        do { found = try traces(ids, client) } catch let error as ClientError
            where ["unknownCommand", "unknownCorrelation"].contains(error.code)
        {
            guard try client.isObserved() else { throw error }
            try await Task.sleep(for: .milliseconds(400))
            found = try traces(ids, client)
        }
        for _ in 0..<10 where found.contains(where: { $0.awaitsObservation(at: client.now()) }) {
            try await Task.sleep(for: .milliseconds(50))
            found = try traces(ids, client)
        }
        return found
    }

    private func slowestIDs() async throws -> [String] {
        let count = slowest ?? 0
        let summary = try await clusterOptions.folding { try $0.chainSummary(slowest: count, progress: $1) }
        return summary.slowest.map(\.correlationID.description)
    }

    private var showsData: Bool { payload || format == .cloudevents }

    /// Each chain once, however many of its events are named.
    func traces(_ ids: [String], _ client: ClusterClient) throws -> [Trace] {
        if last { return [try client.lastTrace(withData: showsData)] }
        if let event {
            return [try client.trace(event: EventID(bits: try correlationID(event).bits), withData: showsData)]
        }
        if let commandID { return [try client.trace(command: try CommandID(commandID), withData: showsData)] }
        var shown: Set<CorrelationID> = []
        return try ids.map { try client.trace(named: $0, withData: showsData) }.filter {
            shown.insert($0.correlationID).inserted
        }
    }

    private func correlationID(_ text: String) throws -> CorrelationID {
        guard let id = CorrelationID(text) else {
            throw ValidationError("'\(text)' is no ID: 32 hexadecimal digits, with or without dashes")
        }
        return id
    }
}
