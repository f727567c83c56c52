import ArgumentParser
import Foundation
import RoostClient
import RoostCore

struct SendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send", abstract: "Send one command and say what became of it.",
        discussion: """
            Example: roost send CancelOrder '{"reason":"changed my mind"}' --to order/17
            Exit code: 0 accepted, 2 rejected or conflict, 1 overloaded, unavailable or unknown.
            """)

    @Argument(help: "The name of the command, as in PlaceOrder.")
    var command: String

    @Argument(help: "Its data as JSON; - reads the standard input.")
    var data: String

    @Option(help: "The stream, as in order/17.")
    var to: String

    @Option(help: "Continue the chain with this correlation ID.")
    var correlation: String?

    @Option(help: "The command's identity: on one stream the same ID is never executed twice.")
    var commandID: String?

    @Option(help: "Refuse unless the stream has this version; 0 means that it must not exist yet.")
    var expectVersion: UInt64?

    @Option(help: "Return only when this projection shows the result.")
    var waitFor: String?

    @Option(help: "How long to wait.")
    var timeout = DurationArgument(.seconds(10))

    @OptionGroup var clusterOptions: ClusterOptions
    @OptionGroup var outputOptions: OutputOptions

    mutating func run() async throws {
        let command = try outsideCommand()
        let options = self
        let sent = try await options.clusterOptions.withClient(sending: true) { client in
            if let projection = options.waitFor { _ = try client.projection(projection) }
            let sent = await client.send(command)
            // What was answered is said first: it stays true when the projection is late.
            try options.outputOptions.show(sent.document) { Self.text(sent) }
            try await options.awaitProjection(client, sent)
            return sent
        }
        guard sent.outcome == .accepted else { throw ExitCode(sent.outcome.exitCode) }
    }

    private func outsideCommand() throws -> OutsideCommand {
        let text = data == "-" ? Array(FileHandle.standardInput.readDataToEndOfFile()) : Array(data.utf8)
        return OutsideCommand(
            command, to: try StreamName(to), data: try DocumentText.canonical(text, what: "the data"),
            commandID: try commandID.map { try CommandID($0) }, correlationID: try correlationID(),
            expected: expected, timeout: timeout.duration)
    }

    private func correlationID() throws -> CorrelationID? {
        guard let correlation else { return nil }
        guard let id = CorrelationID(correlation) else {
            throw ValidationError(
                "'\(correlation)' is no correlation ID: 32 hexadecimal digits, with or without dashes")
        }
        return id
    }

    private var expected: ExpectedVersion {
        switch expectVersion {
        case nil: .any
        case 0: .noStream
        case let version?: .exactly(StreamVersion(version))
        }
    }

    private func awaitProjection(_ client: ClusterClient, _ sent: Sent) async throws {
        guard let waitFor, let token = sent.document.token.flatMap({ ReadToken($0) }) else { return }
        try await client.wait(for: waitFor, after: token, timeout: timeout.duration)
    }

    private static func text(_ answered: Sent) -> String {
        let sent = answered.document
        let isGood = answered.outcome == .accepted
        var lines = [(isGood ? Paint.good : Paint.bad)(sent.outcome) + "  " + summary(sent)]
        if let reason = sent.reason { lines.append("  \(reason)" + (sent.code.map { " (\($0))" } ?? "")) }
        if let between = sent.between, let first = between.first {
            lines.append("since version \(first.version.rawValue - 1):")
            lines += between.map { String(StateText.entry($0).dropLast()) }
        }
        if let correlation = sent.correlationID, isGood {
            lines.append("correlation \(correlation)")
            lines.append("next: roost trace \(correlation)")
        } else if let next = sent.next {
            lines.append("next: \(next)")
            if answered.outcome.isRetriable { lines.append("  --command-id \(sent.commandID)") }
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func summary(_ sent: SentDocument) -> String {
        guard let partition = sent.partition, sent.events > 0 else { return sent.stream }
        let events = "\(sent.events) event\(sent.events == 1 ? "" : "s")"
        return "\(sent.stream) #\(sent.version)  \(events)  partition \(partition) position \(sent.position)"
    }
}
