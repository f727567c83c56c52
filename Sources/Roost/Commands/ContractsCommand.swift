import ArgumentParser
import RoostClient
import RoostTrace

struct ContractsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contracts", abstract: "What has to hold of causes and effects, and whether it does.",
        subcommands: [Check.self, Live.self], defaultSubcommand: Check.self)

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Check the whole history, archives included.",
            discussion: """
                The contracts of the application, and what holds of every log: causes are there, effects belong to the chain of
                their cause, nothing goes in a circle, no event is there twice. Exit code 2 when something is missing, once too
                often, without its cause, too deep or in the wrong chain. What came late is said and is no error.
                """)

        @OptionGroup var limitOptions: LimitOptions
        @OptionGroup var clusterOptions: ClusterOptions
        @OptionGroup var outputOptions: OutputOptions

        mutating func run() async throws {
            let document = try await clusterOptions.folding { try $0.checkContracts(progress: $1) }
            let limit = limitOptions.limit
            try outputOptions.show(document) { Self.text(document, limit) }
            if !document.ok { throw ExitCode(2) }
        }

        private static func text(_ document: ContractsDocument, _ limit: Int) -> String {
            var table = TextTable([("checked", .right), ("found", .right), ("late", .right), ("contract", .left)])
            for row in document.contracts {
                table.add(["\(row.checked)", "\(row.errors)", "\(row.warnings)", row.name])
            }
            return table.text + document.findings.prefix(limit).map(line).joined() + rest(document, limit)
                + verdict(document)
        }

        fileprivate static func line(_ finding: CausalFinding) -> String {
            let kind = finding.kind.isError ? Paint.bad(finding.kind.rawValue) : finding.kind.rawValue
            return "  \(kind)  \(finding.type) \(finding.partition):\(finding.position)  \(finding.detail)\n"
                + "    roost trace \(finding.correlationID)\n"
        }

        private static func rest(_ document: ContractsDocument, _ limit: Int) -> String {
            let more = document.findings.count - limit
            return more > 0 ? "  and \(more) more: --limit \(document.findings.count), or --json\n" : ""
        }

        private static func verdict(_ document: ContractsDocument) -> String {
            let errors = document.findings.count { $0.kind.isError }
            let word = document.ok ? Paint.good("ok") : Paint.bad(Counted.of(errors, "finding"))
            let pending = document.pending > 0 ? "; \(Counted.of(document.pending, "effect")) may still come" : ""
            return
                "\(word)  \(Counted.of(document.events, "event")) in \(Counted.of(document.chains, "chain"))\(pending)\n"
        }
    }

    struct Live: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "live", abstract: "What the running cluster has found by itself.",
            discussion: """
                The process 'traces' checks every chain once it is quiet, and again when what may still come has had its time.
                What was found and no longer holds is gone from here. Exit code 2 when something is wrong.
                """)

        @OptionGroup var limitOptions: LimitOptions
        @OptionGroup var clusterOptions: ClusterOptions
        @OptionGroup var outputOptions: OutputOptions

        mutating func run() async throws {
            let document = try await clusterOptions.withClient { try $0.liveContracts() }
            let limit = limitOptions.limit
            try outputOptions.show(document) { Self.text(document, limit) }
            if !document.ok { throw ExitCode(2) }
        }

        private static func text(_ document: LiveContractsDocument, _ limit: Int) -> String {
            let more = document.findings.count - limit
            let rest = more > 0 ? "  and \(more) more: --limit \(document.findings.count), or --json\n" : ""
            let verdict =
                document.ok ? Paint.good("ok") : Paint.bad(Counted.of(document.findings.count, "finding"))
            return document.findings.prefix(limit).map { Check.line($0.finding) }.joined() + rest
                + "\(verdict)  \(Counted.of(document.pending, "chain")) still to be checked\(Self.rest(document))\n"
        }

        private static func rest(_ document: LiveContractsDocument) -> String {
            document.behind == 0 ? "" : ", and \(Counted.of(Int(document.behind), "event")) to be looked at"
        }
    }
}
