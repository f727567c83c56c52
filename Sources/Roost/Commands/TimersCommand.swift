import ArgumentParser
import RoostClient
import RoostCore

struct TimersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "timers", abstract: "What reactors have put off, and when it is due.",
        discussion: """
            A timer is a command that a reactor sends later: durable, sent once, forgotten when it is cancelled. One that is
            overdue waits for its reactor, or for the owner of the partition that its command goes to.
            """)

    @Argument(help: "Only of this stream, as in order/17.")
    var stream: String?

    @OptionGroup var limitOptions: LimitOptions
    @OptionGroup var clusterOptions: ClusterOptions
    @OptionGroup var outputOptions: OutputOptions

    mutating func run() async throws {
        let name = try stream.map { try StreamName($0) }
        let limit = limitOptions.limit
        let document = try await clusterOptions.withClient { try $0.timers(of: name, limit: limit) }
        try outputOptions.show(document) { Self.text(document) }
    }

    private static func text(_ document: TimersDocument) -> String {
        var table = TextTable([
            ("due", .left), ("in", .right), ("stream", .left), ("timer", .left), ("command", .left),
            ("reactor", .left), ("set by event", .left),
        ])
        for timer in document.timers {
            table.add([
                "\(timer.due)", words(timer.due - document.now), timer.stream, timer.timer, timer.command,
                timer.reactor, "\(timer.causationID)",
            ])
        }
        let next = document.timers.first.map { "next: roost trace \($0.correlationID)\n" } ?? ""
        return table.text + Paint.dim("\(document.timers.count) of \(document.count) timers\n") + next
    }

    /// As in `29m 58s`; `overdue` once it has passed.
    private static func words(_ rest: Duration) -> String {
        let seconds = rest.components.seconds
        if rest < .zero { return Paint.bad("overdue \(words(.zero - rest))") }
        let parts = [
            (seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s"),
        ]
        let shown = parts.drop { $0.0 == 0 }.prefix(2).map { "\($0.0)\($0.1)" }
        return shown.isEmpty ? "0s" : shown.joined(separator: " ")
    }
}
