import ArgumentParser
import RoostClient
import RoostRoles

struct CertificateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificate", abstract: "What 'roost rebuild NAME --prove' has proved.",
        subcommands: [Verify.self], defaultSubcommand: Verify.self)

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify", abstract: "Check a certificate again, from the log alone.",
            discussion: """
                Nobody has altered it, it is of this log, and the log up to where it says makes the rows that it says, made
                once more in memory. Exit code 2 when anything is not as it says.
                """)

        @Argument(help: "The certificate.")
        var file: String

        @OptionGroup var clusterOptions: ClusterOptions
        @OptionGroup var outputOptions: OutputOptions

        mutating func run() async throws {
            let certificate = try CertificateFile.read(file)
            let build = try BuildID.current()
            let line = ProgressLine()
            let document = try await clusterOptions.withClient { client in
                try client.check(certificate, build: build) { done in
                    line.show { "\(done) of \(certificate.events) events" }
                }
            }
            line.finish()
            try outputOptions.show(document) { Self.text(document) }
            if !document.valid { throw ExitCode(2) }
        }

        private static func text(_ document: CertificateDocument) -> String {
            let verdict = document.valid ? Paint.good("valid") : Paint.bad("not valid")
            let build = document.sameBuild ? "by this build" : "by another build"
            let lines =
                [
                    "\(verdict)  \(document.projection)  \(document.events) events, made \(build)",
                    "root \(document.root)",
                ]
                + document.problems.map { "  \($0)" }
            return lines.map { $0 + "\n" }.joined()
        }
    }
}
