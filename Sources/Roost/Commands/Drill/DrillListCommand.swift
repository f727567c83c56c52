import ArgumentParser
import RoostCluster

struct DrillListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "The drills that are here, one line each.")

    @OptionGroup var drillOptions: DrillOptions
    @OptionGroup var outputOptions: OutputOptions

    private struct Document: Encodable {
        struct Entry: Encodable {
            let name: String
            let title: String
            let file: String
            let mode: String
        }
        let schema = "roost.drills/1"
        let drills: [Entry]
    }

    mutating func run() async throws {
        let files = drillOptions.files
        let entries = try files.drills(try files.all()).map { drill in
            Document.Entry(name: drill.name, title: drill.title, file: drill.file, mode: drill.mode.rawValue)
        }
        try outputOptions.show(Document(drills: entries)) {
            var table = TextTable([("name", .left), ("what it shows", .left)])
            for entry in entries { table.add([entry.name, entry.title]) }
            return table.text + "next: roost drill run \(entries.first?.name ?? "NAME")\n"
        }
    }
}
