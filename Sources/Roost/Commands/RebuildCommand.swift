import ArgumentParser
import RoostClient
import RoostCluster
import RoostCore
import RoostNode
import RoostRoles

struct RebuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild",
        abstract: "Make a projection again from the first event, beside the live one, and compare the two.",
        discussion: """
            The live projection goes on meanwhile. Exit code 2 when they differ. With --swap the rebuilt one takes the
            live one's place; no query fails. With --until and --into nothing is compared: the projection is made as it
            was at that recorded time, in a file that roost query NAME --in FILE can ask.
            """)

    @Argument(help: "The projection.")
    var name: String

    @Flag(help: "Put the rebuilt projection in the live one's place.")
    var swap = false

    @Option(help: "As of this recorded time, \(TimeArgument.help).")
    var until: TimeArgument?

    @Option(help: "The new file for the projection as of that time.")
    var into: String?

    @OptionGroup var clusterOptions: ClusterOptions
    @OptionGroup var outputOptions: OutputOptions

    func validate() throws {
        guard (until == nil) == (into == nil) else { throw ValidationError("--until and --into go together") }
        guard !swap || until == nil else { throw ValidationError("the past cannot take the live one's place") }
    }

    mutating func run() async throws {
        if let until, let into { return try await makePast(until.time, into) }
        let running = try clusterOptions.running()
        let (name, swap) = (name, swap)
        try await clusterOptions.withClient { _ = try $0.projection(name) }
        let document = try Self.rebuild(name, swap: swap, in: running.directory)
        try outputOptions.show(document) { Self.text(document) }
        if document.verdict != "equal" { throw ExitCode(2) }
    }

    private func makePast(_ time: Timestamp, _ file: String) async throws {
        let name = name
        let document = try await clusterOptions.withClient { client in
            let line = ProgressLine()
            defer { line.finish() }
            return try client.rebuild(name, until: time, into: file) { done in line.show { "\(done) events" } }
        }
        try outputOptions.show(document) {
            "\(document.projection) as of \(document.until)  \(document.events) events in "
                + "\(document.seconds.wholeMilliseconds) s\nnext: roost query \(document.projection) --in \(document.file)\n"
        }
    }

    /// Rebuilds beside the live one; when both are equal and `swap` is asked for, switches: the live process stops, the
    /// new generation goes past where it stopped and takes its place, and the process starts on it.
    static func rebuild(_ name: String, swap: Bool, in directory: ClusterDirectory) throws -> RebuildDocument {
        let result = try compare(name, directory)
        let isSwapped = swap && result.verdict == .equal
        if isSwapped { try Interruption.withoutInterruption { try switchOver(name, directory) } }
        return RebuildDocument(
            projection: result.projection, events: result.events, seconds: result.seconds,
            verdict: result.verdict.rawValue, root: result.root, liveRoot: result.liveRoot, swapped: isSwapped)
    }

    /// Puts a projection made from the first event in the live one's place, whatever the live one holds.
    static func replace(_ name: String, in directory: ClusterDirectory) throws {
        // An interrupted rebuild may hold rows that were made from what cannot be read any more.
        try ProjectionFiles(directory: "\(directory.projections)/\(name)").discardRebuild()
        _ = try compare(name, directory)
        try Interruption.withoutInterruption { try switchOver(name, directory) }
    }

    private static func switchOver(_ name: String, _ directory: ClusterDirectory) throws {
        try request(ControlRequest(.stop, target: name), directory)
        defer { restart(name, directory) }
        try request(ControlRequest(.run, target: name, task: "swap", arguments: []), directory)
    }

    /// Asks the supervisor to run `NAME@rebuild` and reads what it prints.
    private static func compare(_ name: String, _ directory: ClusterDirectory) throws -> RebuildResult {
        let progress = ProgressLine()
        defer { progress.finish() }
        var found: RebuildResult?
        var reason: String?
        let request = ControlRequest(.run, target: name, task: "rebuild", arguments: [])
        let result = try ControlClient.perform(request, in: directory) { line in
            let bytes = Array(line.utf8)
            if let result = Self.parse(RebuildResult.self, bytes) {
                found = result
            } else if let status = Self.parse(ProcessStatus.self, bytes) {
                reason = status.reason ?? reason
                if let text = status.progress { progress.show { text } }
            }
        }
        if let found { return found }
        throw Failure(
            code: "rebuildFailed", message: reason ?? result.message, hint: "roost logs \(name)@rebuild",
            exitCode: 1)
    }

    private static func request(_ request: ControlRequest, _ directory: ClusterDirectory) throws {
        let result = try ControlClient.perform(request, in: directory)
        guard result.ok else {
            throw Failure(
                code: "swapFailed", message: result.message, hint: "roost logs \(request.target)",
                exitCode: result.exitCode)
        }
    }

    /// The live process starts again whatever became of the swap.
    private static func restart(_ name: String, _ directory: ClusterDirectory) {
        do {
            try request(ControlRequest(.start, target: name), directory)
        } catch {
            Terminal.error("\(name) did not start again: \(error)\nnext: roost start \(name)\n")
        }
    }

    /// nil for a line of another kind.
    private static func parse<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) -> Value? {
        do {
            return try DocumentText.parse(type, bytes, what: "a line")
        } catch {
            return nil
        }
    }

    private static func text(_ document: RebuildDocument) -> String {
        let verdict = (document.verdict == "equal" ? Paint.good : Paint.bad)(document.verdict)
        var lines = [
            "\(verdict)  \(document.projection)  \(document.events) events in \(document.seconds.wholeMilliseconds) s",
            "rebuilt \(document.root)", "live    \(document.liveRoot)",
        ]
        if document.swapped { lines.append("the rebuilt one is live now") }
        return lines.map { $0 + "\n" }.joined()
    }
}
