import ArgumentParser
import RoostCluster

/// The supervisor of a cluster that runs in the background.
struct SuperviseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "_supervise", shouldDisplay: false)

    @Option var directory: String
    @Flag var faults = false

    mutating func run() async throws {
        Interruption.restore()
        let directory = ClusterDirectory(path: directory)
        do throws(ClusterError) {
            let topology = try ClusterCommands.topology(of: directory)
            var configuration = SupervisorSetup.configuration(directory, topology)
            configuration.allowsFaults = faults
            try Supervisor(configuration).run()
        } catch {
            // Whoever started it reads these words in the log and shows them with the exit code.
            Terminal.error(error.description + "\n")
            throw ExitCode(error.exitCode)
        }
    }
}
