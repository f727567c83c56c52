import ArgumentParser
import Foundation
import RoostClient
import RoostCore
import RoostNode

struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load", abstract: "Send all commands of a file.",
        discussion: """
            NDJSON has one command a line: {"command":"PlaceOrder","to":"order/1","data":{…}}, optionally with
            commandID and occurredAt. Other formats are known by the extension of the file. Loading a file again
            changes nothing: command IDs are derived from its content.
            """)

    @Argument(help: "The file; - reads NDJSON from the standard input.")
    var file: String?

    @Option(help: "Instead of a file: this many believable commands of the application's own generator.")
    var generate: Int?

    @Option(help: "Seed of the generator: the same seed, the same commands.")
    var seed: UInt64 = 1

    @Option(help: "How long a command is tried again before it counts as unsettled.")
    var settle = DurationArgument(.seconds(60))

    @OptionGroup var clusterOptions: ClusterOptions
    @OptionGroup var outputOptions: OutputOptions

    func validate() throws {
        guard (file == nil) != (generate == nil) else {
            throw ValidationError("give a FILE or --generate N, and not both")
        }
    }

    mutating func run() async throws {
        let source = try CommandSource.open(
            file: file, generate: generate, seed: seed, domain: CommandLineRunner.domain)
        var configuration = Loader.Configuration()
        configuration.settleWithin = settle.duration
        let loaderConfiguration = configuration
        let document = try await clusterOptions.withClient(sending: true) { client in
            let progress = ProgressLine()
            defer { progress.finish() }
            return await Loader(client, loaderConfiguration).run(source) { soFar in
                progress.show { Self.progressText(soFar, total: source.rows) }
            }
        }
        try outputOptions.show(document) { Self.text(document) }
        if document.unsettled > 0 { throw ExitCode(1) }
    }

    private static func progressText(_ document: LoadDocument, total: Int?) -> String {
        let rate = document.seconds > 0 ? Int(Double(document.read) / document.seconds) : 0
        guard let total, total > 0 else { return "\(document.read) rows  \(rate)/s" }
        return
            "\(ProgressLine.bar(Double(document.read) / Double(total)))  \(document.read) of \(total) rows  \(rate)/s"
    }

    private static func text(_ document: LoadDocument) -> String {
        let counts = [
            ("read", document.read), ("accepted", document.accepted), ("rejected", document.rejected),
            ("skipped", document.skipped), ("unsettled", document.unsettled),
        ]
        var lines = [
            counts.map { "\($0.0) \($0.1)" }.joined(separator: "  ") + " rows",
            "\(document.commands) commands in \(document.seconds.wholeMilliseconds) s, \(document.retries) sent again",
        ]
        lines += document.reasons.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)" }
        lines += document.problems.map { problem in
            let place = problem.line.map { "line \($0)" } ?? problem.stream ?? ""
            return "  \(Paint.bad(place)): \(problem.reason)"
        }
        let untold = document.rejected - min(document.rejected, document.problems.count)
        if untold > 0, !document.problems.isEmpty { lines.append("  and \(untold) more") }
        if document.unsettled > 0 {
            lines.append("next: load it again; nothing is executed twice")
        } else {
            lines.append("next: roost wait --for caught-up")
        }
        return lines.map { $0 + "\n" }.joined()
    }
}
