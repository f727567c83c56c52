import Foundation
import RoostCluster

/// A supervisor whose processes are shell scripts: each runs the text of its own `env: {SCRIPT: …}`.
@main
enum Main {
    static func main() {
        do throws(ClusterError) {
            let directory = ClusterDirectory(path: CommandLine.arguments[3])
            try Supervisor(configuration(directory)).run()
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(error.exitCode)
        }
    }

    private static func configuration(_ directory: ClusterDirectory) throws(ClusterError) -> Supervisor.Configuration {
        var configuration = Supervisor.Configuration(
            directory: directory, topology: try ClusterCommands.topology(of: directory),
            prepareLog: { () throws(ClusterError) in
                guard let refusal = ProcessInfo.processInfo.environment["REFUSE_LOG"] else { return "log-1" }
                throw ClusterError(.topologyInvalid, refusal)
            })
        configuration.command = { instance, process, arguments throws(ClusterError) in
            var environment = ["PATH": "/usr/bin:/bin", "INSTANCE": instance, "DIRECTORY": directory.path]
            environment["ARGUMENTS"] = arguments.joined(separator: " ")
            return ChildCommand(
                executable: "/bin/sh", arguments: ["-c", process.environment["SCRIPT"] ?? "exit 9"],
                environment: environment.merging(process.environment) { own, _ in own })
        }
        return configuration
    }
}
