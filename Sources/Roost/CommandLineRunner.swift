import ArgumentParser
import Foundation
import RoostNode

/// Parses and runs one command, and turns whatever happens into output and an exit code.
struct CommandLineRunner: Sendable {
    /// The application whose command line this is.
    @TaskLocal static var domain = Domain(name: "none", aggregates: [])

    private let application: Domain

    init(domain: Domain) { application = domain }

    /// Never returns.
    @concurrent
    func run(_ arguments: [String]) async {
        Interruption.exitOnInterrupt()
        let code = await Self.$domain.withValue(application) { await Self.exitCode(arguments) }
        exit(code)
    }

    /// Runs one command in this process. What it printed stays printed; the code says how it ended.
    @concurrent
    static func exitCode(_ arguments: [String]) async -> Int32 {
        do {
            var command = try RoostCommands.parsed(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return 0
        } catch let exit as ExitCode {
            return exit.rawValue
        } catch {
            return report(error, asJSON: arguments.contains("--json"))
        }
    }

    private static func report(_ error: any Error, asJSON: Bool) -> Int32 {
        if let failure = Failure(error) {
            failure.report(asJSON: asJSON)
            return failure.exitCode
        }
        let code = RoostCommands.exitCode(for: error).rawValue
        let text = RoostCommands.fullMessage(for: error)
        if code == 0 {
            Terminal.out(text + "\n")
        } else if asJSON {
            Failure(code: "usage", message: RoostCommands.message(for: error), hint: "roost --help", exitCode: code)
                .report(asJSON: true)
        } else {
            Terminal.error(text + "\n")
        }
        return code
    }
}
