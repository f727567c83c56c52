import ArgumentParser
import RoostClient

struct SchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "The shapes of events: stored, read and published.",
        subcommands: [Check.self, Export.self])

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Can this application read every kind of event that the log holds?",
            discussion: """
                Takes one event of each kind and segment through its upcasters and decodes it, or every event with --every.
                Exit code 2 when one cannot be read. 'roost up' refuses a log with a kind that has no way to be read.
                With --against, compares the public events of this application with exported ones instead: exit code 2 when
                a change would break somebody who relies on them. Needs no cluster.
                """)

        @Flag(help: "Try every event of the log, not one of each kind and segment.")
        var every = false

        @Option(help: "A directory that 'roost schema export' has written.")
        var against: DirectoryArgument?

        @OptionGroup var clusterOptions: ClusterOptions
        @OptionGroup var outputOptions: OutputOptions

        mutating func run() async throws {
            if let against { return try PublicSchemaText.check(against.path, outputOptions) }
            let progress = ProgressLine()
            let every = every
            let document = try await clusterOptions.withClient { client in
                try client.checkSchema(every: every) { position in progress.show { "position \(position)" } }
            }
            progress.finish()
            try outputOptions.show(document) { Self.text(document) }
            if !document.ok { throw ExitCode(2) }
        }

        private static func text(_ document: SchemaDocument) -> String {
            var table = TextTable([
                ("type", .left), ("version", .right), ("events", .right), ("tried", .right), ("read as", .left),
            ])
            for kind in document.kinds {
                let itself = "\(kind.type) version \(kind.schemaVersion)"
                let others = kind.readAs == [itself] ? "itself" : kind.readAs.joined(separator: ", ")
                table.add([
                    kind.type, "\(kind.schemaVersion)", "\(kind.count)", "\(kind.tried)",
                    kind.problem == nil ? (others.isEmpty ? "nothing" : others) : Paint.bad("unreadable"),
                ])
            }
            let problems = document.kinds.compactMap { kind in
                kind.problem.map { "  \(kind.type) version \(kind.schemaVersion): \($0)\n" }
            }
            let dead = document.deadRoutes.map { "  \($0.reader) waits for \($0.type), which nothing declares\n" }
            let verdict = document.ok ? Paint.good("ok") : Paint.bad("\(problems.count) kind(s) cannot be read")
            return table.text + "\(verdict)\n" + problems.joined() + dead.joined()
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "export", abstract: "Write what this application publishes, for those who receive it.",
            discussion: """
                A JSON Schema and a sample for every public event, and an AsyncAPI 3 document for each feed. Schemas of earlier
                versions stay. Refuses (exit code 2) to replace a schema by one that would break who relies on it.
                """)

        @Argument(help: "Made when it is not there.")
        var directory: DirectoryArgument

        @OptionGroup var outputOptions: OutputOptions

        mutating func run() async throws {
            let document = try PublicSchemas(CommandLineRunner.domain).export(to: directory.path)
            try outputOptions.show(document) { PublicSchemaText.text(document) }
            if !document.ok { throw ExitCode(2) }
        }
    }
}
