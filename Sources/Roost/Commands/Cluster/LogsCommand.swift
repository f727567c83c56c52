import ArgumentParser
import RoostClient
import RoostCluster

struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "What the processes wrote to their logs.",
        discussion: "With --json every line is one JSON object.")

    @Argument(help: "Processes, as in orders or orders-0; all unless given.")
    var processes: [String] = []

    @Flag(name: [.short, .long], help: "Go on with new lines.")
    var follow = false

    @Option(help: "Begin with this many of the newest lines.")
    var tail: Int?

    @OptionGroup var clusterOptions: ClusterOptions
    @OptionGroup var outputOptions: OutputOptions

    mutating func run() async throws {
        var logs = try ClusterLogs(try clusterOptions.located(), targets: processes)
        let first = try logs.next()
        try show(tail.map { Array(first.suffix($0)) } ?? first)
        while follow {
            try await ContinuousClock().sleep(for: .milliseconds(200))
            try show(try logs.next())
        }
    }

    private func show(_ lines: [ClusterLogs.Line]) throws {
        guard !lines.isEmpty else { return }
        let bytes = try lines.flatMap { line in
            outputOptions.json
                ? try DocumentText.line(line) + [UInt8(ascii: "\n")]
                : Array((Paint.dim(line.process.padded(to: 12)) + "  " + line.text + "\n").utf8)
        }
        try outputOptions.put(bytes)
    }
}
