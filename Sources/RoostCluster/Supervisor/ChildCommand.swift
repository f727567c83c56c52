import Foundation

/// What to execute for a process.
public struct ChildCommand: Hashable, Sendable {
    /// The path of the file to execute.
    public var executable: String
    /// Without the name of the executable in front.
    public var arguments: [String]
    /// The whole environment: nothing is inherited besides.
    public var environment: [String: String]

    /// Checks nothing: what cannot be executed ends with code 127.
    public init(executable: String, arguments: [String], environment: [String: String]) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
    }

    /// This executable again: `_process <instance> --directory <directory> …`. The rest a child reads there.
    public static func process(
        _ instance: String, in directory: ClusterDirectory, environment: [String: String], arguments: [String]
    ) throws(ClusterError) -> ChildCommand {
        ChildCommand(
            executable: try ownExecutable(),
            arguments: ["_process", instance, "--directory", directory.path] + arguments,
            environment: ProcessInfo.processInfo.environment.merging(environment) { _, new in new })
    }

    /// The file that this process runs. While it runs it may be replaced, by a build or an upgrade: then the link of the
    /// process itself, which still leads to what it was, so that all processes of a cluster are of one version.
    package static func ownExecutable() throws(ClusterError) -> String {
        let link = "/proc/\(getpid())/exe"
        do {
            let path = try FileManager.default.destinationOfSymbolicLink(atPath: link)
            return FileManager.default.fileExists(atPath: path) ? path : link
        } catch {
            throw ClusterError(SystemCallError("readlink", link))
        }
    }
}
