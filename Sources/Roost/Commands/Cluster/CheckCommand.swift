import ArgumentParser
import RoostCluster
import RoostNode

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check a topology file without starting anything.",
        discussion: "Exit code 78 when it cannot be used; every problem is shown with its line and column.")

    @Argument(help: "The topology, as in topology/shop.yaml.")
    var file: String

    @OptionGroup var outputOptions: OutputOptions

    private struct Document: Encodable {
        let schema = "roost.check/1"
        let ok = true
        let name: String
        let partitions: UInt32
        let processes: [String]
    }

    mutating func run() async throws {
        let topology = try ClusterCommands.check(file: file, known: CommandLineRunner.domain.knownNames)
        _ = try UpcasterChain(CommandLineRunner.domain)
        let document = Document(
            name: topology.name, partitions: topology.partitionCount, processes: topology.instances.map(\.name))
        let file = file
        try outputOptions.show(document) {
            Paint.good("ok") + "  \(document.name)  \(document.partitions) partitions  "
                + "\(document.processes.count) processes: \(document.processes.joined(separator: ", "))\n"
                + "next: roost up \(file)\n"
        }
    }
}
