import ArgumentParser
import Foundation
import RoostClient
import RoostCore
import RoostNode

struct ArchiveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "archive", abstract: "Move old events out of the log into files that everybody can read.",
        discussion: """
            What was recorded before a time becomes compressed lines of JSON, in a directory or in S3, which DuckDB and Athena
            read as they are. The log goes on reading them: rebuilds, histories, traces and checks notice nothing. Rows leave
            the log only after the archives were read back and compared with it.
            The newest commit of each partition always stays. Works on a running cluster and on a stopped one, which also gets
            the space back. Exit code 3 when the owner of a partition does not answer.
            """,
        subcommands: [List.self, Moved.self])

    @Option(help: ArgumentHelp(stringLiteral: TimeArgument.help))
    var before: TimeArgument?

    @Option(help: "A directory, or s3://BUCKET/PREFIX.")
    var to: PlaceArgument?

    @Flag(help: "Only say what would be archived.")
    var dryRun = false

    @OptionGroup var clusterOptions: ClusterOptions
    @OptionGroup var outputOptions: OutputOptions

    mutating func run() async throws {
        // Not asked of the subcommands, which have a run of their own.
        guard let before, let to else {
            throw ValidationError("say what to archive and where: roost archive --before TIME --to PLACE")
        }
        let progress = ProgressLine()
        let archiver = try ClusterArchiver(try clusterOptions.located(), now: { .system }) { words in
            progress.show { words }
        }
        let document =
            dryRun
            ? try archiver.plan(before: before.time, to: to.address)
            : try await archiver.archive(before: before.time, to: to.address)
        progress.finish()
        let isPlan = dryRun
        try outputOptions.show(document) { Self.text(document, isPlan: isPlan) }
    }

    private static func text(_ document: ArchivedDocument, isPlan: Bool) -> String {
        guard !document.partitions.isEmpty else {
            return
                "nothing to archive before \(document.before): the newest commit of a partition stays, and what is too "
                + "small a piece of it\n" + space(document)
        }
        var table = TextTable([
            ("partition", .right), ("events", .right), ("positions", .left), ("stay", .right), ("files", .right),
            ("bytes", .right),
        ])
        for row in document.partitions {
            table.add([
                row.partition.description, "\(row.events)", "\(row.first)–\(row.last)", "\(row.stay)",
                isPlan ? "-" : "\(row.archives)", isPlan ? "-" : "\(row.bytes)",
            ])
        }
        let events = Counted.of(document.events, "event")
        guard !isPlan else {
            return table.text + "\(events) would be archived to \(ShownPath.of(document.place))\n"
        }
        return table.text
            + "\(Paint.good("archived"))  \(events) in \(ShownPath.of(document.place)), verified; the log reads them from there\n"
            + space(document)
            + "look at them without Roost: _duckdb.sql and _athena.sql in the same place\n"
    }

    private static func space(_ document: ArchivedDocument) -> String {
        guard let space = document.space else {
            return document.partitions.isEmpty
                ? "" : "new events use the space of the old ones; 'roost down' and the same call give it back\n"
        }
        let freed =
            space.bytesFreed == 0 ? "" : "\(Counted.of(space.bytesFreed, "byte")) given back to the file system\n"
        return freed + (space.problem.map { Paint.bad("not given back: ") + $0 + "\n" } ?? "")
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Every archive that the log reads, and where it is.")

        @OptionGroup var clusterOptions: ClusterOptions
        @OptionGroup var outputOptions: OutputOptions

        mutating func run() async throws {
            let document = try ClusterArchiver(try clusterOptions.located(), now: { .system }).list()
            try outputOptions.show(document) { Self.text(document) }
        }

        private static func text(_ document: ArchivesDocument) -> String {
            guard !document.archives.isEmpty else { return "nothing of \(document.cluster) is archived\n" }
            var text = ""
            for place in Set(document.archives.map(\.place)).sorted() {
                var table = TextTable([
                    ("file", .left), ("events", .right), ("bytes", .right), ("recorded to", .left),
                ])
                for row in document.archives where row.place == place {
                    table.add([row.name, "\(row.events)", "\(row.bytes)", row.recordedTo.description])
                }
                text += "in \(ShownPath.of(place))\n" + table.text
            }
            return text + "\(Counted.of(document.events, "event")) archived\n"
        }
    }

    struct Moved: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "moved", abstract: "Say that archives are in another place now.",
            discussion: "Every file is looked for and its digest checked before anything is noted.")

        @Argument(help: "Where they were archived to, as 'roost archive list' or an error shows it.")
        var old: PlaceArgument

        @Argument(help: "Where they are.")
        var new: PlaceArgument

        @OptionGroup var clusterOptions: ClusterOptions
        @OptionGroup var outputOptions: OutputOptions

        mutating func run() async throws {
            let progress = ProgressLine()
            let archiver = try ClusterArchiver(try clusterOptions.located(), now: { .system }) { words in
                progress.show { words }
            }
            let document = try archiver.move(old.address, to: new.address)
            progress.finish()
            try outputOptions.show(document) {
                "\(Counted.of(document.archives, "archive")) found in \(ShownPath.of(document.to)); the log reads them from there\n"
            }
        }
    }
}

/// A directory or an S3 address that a person named.
struct PlaceArgument: ExpressibleByArgument, Sendable {
    /// Absolute.
    let address: String

    init?(argument: String) {
        if argument.hasPrefix("s3://") {
            address = argument
        } else {
            // What looks like another address is none of a directory.
            guard argument.prefixMatch(of: /[A-Za-z][A-Za-z0-9+.-]*:\//) == nil,
                let directory = DirectoryArgument(argument: argument)
            else { return nil }
            address = URL(fileURLWithPath: directory.path).standardizedFileURL.path
        }
    }
}
