import ArgumentParser
import RoostClient
import RoostCore

struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Look into the log.",
        subcommands: [Show.self, Tail.self, Stream.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "show", abstract: "One event with all its fields.")

        @Argument(help: "The ID of the event.")
        var id: String

        @OptionGroup var clusterOptions: ClusterOptions
        @OptionGroup var outputOptions: OutputOptions

        mutating func run() async throws {
            guard let event = EventID(id) else {
                throw ValidationError("'\(id)' is no ID: 32 hexadecimal digits, with or without dashes")
            }
            let located = try await clusterOptions.withClient { try $0.event(event) }
            let document = try EventsDocument([located])
            try outputOptions.show(document) { try EventText.full(document.events) }
        }
    }

    struct Tail: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "tail", abstract: "The newest events of all partitions.",
            discussion: "With --follow and --json every event is one line of JSON.")

        @Option(name: [.customShort("n"), .long], help: "How many events.")
        var count = 20

        @Flag(name: [.short, .long], help: "Go on with new events as they are recorded.")
        var follow = false

        @Flag(help: "Show the data too.")
        var data = false

        @OptionGroup var clusterOptions: ClusterOptions
        @OptionGroup var outputOptions: OutputOptions

        func validate() throws {
            guard (1...10_000).contains(count) else { throw ValidationError("--count is from 1 to 10000") }
        }

        mutating func run() async throws {
            let options = self
            try await clusterOptions.withClient { client in
                guard options.follow else {
                    let newest = try client.tail(limit: options.count)
                    let document = try EventsDocument(newest.events, unreadable: newest.unreadable)
                    try options.outputOptions.show(document) {
                        EventText.lines(document.events, withData: options.data)
                            + UnreadableText.lines(document.unreadable)
                    }
                    return try UnreadableText.fail(document.unreadable)
                }
                try await options.followLog(client)
            }
        }

        private func followLog(_ client: ClusterClient) async throws {
            var positions = try client.newestPositions()
            let newest = try client.tail(limit: count)
            try print(newest.events)
            Terminal.error(UnreadableText.lines(newest.unreadable))
            while true {
                let found = try client.events(after: &positions)
                try print(found)
                if found.isEmpty { try await ContinuousClock().sleep(for: .milliseconds(100)) }
            }
        }

        private func print(_ events: [ClusterClient.Located]) throws {
            let documents = try events.map { try EventDocument($0) }
            guard outputOptions.json else {
                return try outputOptions.put(Array(EventText.lines(documents, withData: data).utf8))
            }
            for document in documents { try outputOptions.put(DocumentText.line(document) + [UInt8(ascii: "\n")]) }
        }
    }

    struct Stream: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "stream", abstract: "The events of one stream, oldest first.")

        @Argument(help: "The stream, as in order/17.")
        var stream: String

        @Option(help: "Start at this version.")
        var from: UInt64 = 1

        @Option(help: "At most this many events.")
        var limit = 1000

        @Flag(help: "Show the data too.")
        var data = false

        @OptionGroup var clusterOptions: ClusterOptions
        @OptionGroup var outputOptions: OutputOptions

        mutating func run() async throws {
            let name = try StreamName(stream)
            let (from, limit) = (StreamVersion(from), limit)
            let found = try await clusterOptions.withClient { try $0.events(of: name, from: from, limit: limit) }
            let document = try EventsDocument(found)
            let withData = data
            try outputOptions.show(document) { EventText.lines(document.events, withData: withData) }
        }
    }
}
