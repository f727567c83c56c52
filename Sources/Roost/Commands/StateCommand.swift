import ArgumentParser
import RoostClient
import RoostCore

/// What the events of a stream amount to, now or then.
struct StateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state", abstract: "The state of one stream, now or at an earlier moment.",
        discussion: """
            Folds the stream's events as its owner does. A time is when the log recorded an event, so the answer stays
            the same once the log has gone on; with --occurred it is when the event happened, which imports may record
            later.
            Examples: roost state order/17 · roost state order/17 --at 2026-11-25T15:00 ·
            roost state order/17 --diff 2026-11-25 2026-11-26
            Exit code: 4 when there was nothing by then, 64 for a time that has not come.
            """)

    @Argument(help: "The stream, as in order/17.")
    var stream: String

    @Option(help: "As of this time, \(TimeArgument.help).")
    var at: TimeArgument?

    @Option(name: .customLong("version"), help: "As of this version.")
    var version: UInt64?

    @Flag(help: "Take --at as the time of occurrence.")
    var occurred = false

    @Option(parsing: .upToNextOption, help: "What changed between two recorded times; comes after the stream.")
    var diff: [TimeArgument] = []

    @OptionGroup var clusterOptions: ClusterOptions
    @OptionGroup var outputOptions: OutputOptions

    func validate() throws {
        let isDiff = !diff.isEmpty
        guard [at != nil, version != nil, isDiff].filter(\.self).count <= 1 else {
            throw ValidationError("give one of --at, --version and --diff")
        }
        guard !isDiff || diff.count == 2 else { throw ValidationError("--diff takes two times") }
        guard !occurred || at != nil else { throw ValidationError("--occurred says how to read --at: give a time") }
        guard version != 0 else { throw ValidationError("the first version is 1") }
    }

    mutating func run() async throws {
        let name = try StreamName(stream)
        guard diff.isEmpty else {
            let (from, to) = (diff[0].time, diff[1].time)
            let document = try await clusterOptions.withClient { try $0.changes(of: name, from: from, to: to) }
            return try outputOptions.show(document) { StateText.diff(document) }
        }
        let moment = moment
        let document = try await clusterOptions.withClient { try $0.state(of: name, at: moment) }
        try outputOptions.show(document) { StateText.state(document) }
    }

    private var moment: Moment {
        if let at { return occurred ? .occurred(at.time) : .recorded(at.time) }
        return version.map { .version(StreamVersion($0)) } ?? .newest
    }
}

/// When a stream became what it is, by what and why.
struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Everything that happened to one stream: when, why and what changed.",
        discussion: """
            Examples: roost history order/17 · roost history order/17 --field status ("when did it become shipped?")
            """)

    @Argument(help: "The stream, as in order/17.")
    var stream: String

    @Option(help: "Only events that changed this field, as in status, address.country or lines.")
    var field: String?

    @Option(help: "Start at this version.")
    var from: UInt64 = 1

    @Option(help: "At most this many events.")
    var limit = 1000

    @OptionGroup var clusterOptions: ClusterOptions
    @OptionGroup var outputOptions: OutputOptions

    func validate() throws {
        guard from > 0 else { throw ValidationError("the first version is 1") }
        guard limit > 0 else { throw ValidationError("--limit is at least 1") }
        guard field != "" else { throw ValidationError("--field names a field, as in status or address.country") }
    }

    mutating func run() async throws {
        let name = try StreamName(stream)
        let (from, limit, field) = (StreamVersion(from), limit, field)
        let document = try await clusterOptions.withClient {
            try $0.history(of: name, from: from, limit: limit, field: field)
        }
        try outputOptions.show(document) { StateText.history(document, field: field) }
    }
}
