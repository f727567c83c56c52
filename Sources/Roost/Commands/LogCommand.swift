import ArgumentParser
import RoostClient

struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "The log itself.",
        subcommands: [Verify.self, Info.self, BackupCommand.self, RestoreCommand.self])

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify", abstract: "Check every event against itself, its neighbours and its digest.",
            discussion: "Exit code 2 when something is wrong. Works on a running cluster and on a stopped one.")

        @OptionGroup var clusterOptions: ClusterOptions
        @OptionGroup var outputOptions: OutputOptions

        mutating func run() async throws {
            let progress = ProgressLine()
            let document = ClusterClient.verify(try clusterOptions.log()) { partition, position in
                progress.show { "partition \(partition) position \(position)" }
            }
            progress.finish()
            try outputOptions.show(document) { Self.text(document) }
            if !document.ok { throw ExitCode(2) }
        }

        private static func text(_ document: VerifyDocument) -> String {
            let headline =
                document.ok
                ? Paint.good("ok") : Paint.bad("\(document.findings.count) finding(s)")
            let findings = document.findings.map {
                "  partition \($0.partition) position \($0.position): \($0.problem)\n"
            }
            return "\(headline)  \(document.events) events in \(document.partitions) partitions\n" + findings.joined()
        }
    }

    struct Info: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "info", abstract: "What the log is, who owns its partitions and what they hold.")

        @OptionGroup var clusterOptions: ClusterOptions
        @OptionGroup var outputOptions: OutputOptions

        mutating func run() async throws {
            let document = try ClusterClient.info(try clusterOptions.log())
            try outputOptions.show(document) { Self.text(document) }
        }

        private static func text(_ document: LogDocument) -> String {
            var table = TextTable([
                ("partition", .right), ("group", .left), ("head", .right), ("epoch", .right), ("owner", .left),
                ("digest", .left),
            ])
            for row in document.partitions {
                table.add([
                    row.partition.description, row.group, row.head.description, row.epoch.description,
                    row.owner ?? "-", String(row.digest.prefix(16)),
                ])
            }
            return "log \(document.logID)  \(document.events) events\n" + table.text
        }
    }
}
