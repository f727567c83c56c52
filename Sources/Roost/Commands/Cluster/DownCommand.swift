import ArgumentParser
import RoostCluster

struct DownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down", abstract: "Stop the cluster; returns when no process of it is left.",
        discussion: "The data stays; roost up goes on with it.")

    @Option(help: "How long to wait.")
    var timeout = DurationArgument(.seconds(120))

    @OptionGroup var clusterOptions: ClusterOptions

    mutating func run() async throws {
        let running = try clusterOptions.running()
        let progress = ProgressLine()
        try ClusterCommands.down(running, timeout: timeout.duration) { state in
            let left = state.processes.filter { $0.pid != nil }.map(\.name)
            progress.show { "stopping \(left.joined(separator: ", "))" }
        }
        progress.finish()
        Terminal.out(
            "\(running.directory.name) is down\nnext: \(ShownPath.up(running.directory))\n")
    }
}
