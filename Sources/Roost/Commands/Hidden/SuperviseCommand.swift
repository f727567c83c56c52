import ArgumentParser
import RoostCluster

/// The supervisor of a cluster that runs in the background.
struct SuperviseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "_supervise", shouldDisplay: false)

    @Option var directory: String

    mutating func run() async throws {
        Interruption.restore()
        let directory = ClusterDirectory(path: directory)
        do throws(ClusterError) {
            let topology = try ClusterCommands.topology(of: directory)
            try Supervisor(SupervisorSetup.configuration(directory, topology)).run()
        } catch {
            // Whoever started it reads these words in the log and shows them with the exit code.
            Terminal.error(error.description + "\n")
            throw ExitCode(error.exitCode)
        }
    }
}
