import ArgumentParser
import RoostCluster

struct PsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ps", abstract: "The processes of the cluster and what each waits for.")

    @OptionGroup var clusterOptions: ClusterOptions
    @OptionGroup var outputOptions: OutputOptions

    mutating func run() async throws {
        let document = PsDocument(try clusterOptions.running().state)
        try outputOptions.show(document) { PsText.text(document) }
    }
}
