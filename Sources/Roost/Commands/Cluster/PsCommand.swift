import ArgumentParser
import RoostCluster

struct PsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ps",
        abstract:
            "The processes of the cluster, what each waits for, who owns which partitions, and what is broken on purpose."
    )

    @OptionGroup var clusterOptions: ClusterOptions
    @OptionGroup var outputOptions: OutputOptions

    mutating func run() async throws {
        let running = try clusterOptions.running()
        let document = try PsDocument(running.state, in: running.directory)
        try outputOptions.show(document) { PsText.text(document) }
    }
}
