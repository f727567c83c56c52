import ArgumentParser
import RoostCluster

struct DrillCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check drills without running them.",
        discussion: "Exit code 78 when one cannot be used; what is wrong is shown with its line and column.")

    @Argument(help: "Names or files; all that are here unless given.")
    var drills: [String] = []

    @OptionGroup var drillOptions: DrillOptions
    @OptionGroup var outputOptions: OutputOptions

    private struct Document: Encodable {
        struct Entry: Encodable {
            let drill: String
            let file: String
            let topology: String
            let steps: Int
            let processes: [String]
        }
        let schema = "roost.drill-check/1"
        let ok = true
        let drills: [Entry]
    }

    mutating func run() async throws {
        let found = try drillOptions.files.drills(drills.isEmpty ? try drillOptions.files.all() : drills)
        let entries = try found.map { drill in
            let (file, topology) = try drillOptions.target(of: drill)
            return Document.Entry(
                drill: drill.name, file: drill.file, topology: file, steps: drill.steps.count,
                processes: topology.instances.map(\.name))
        }
        try outputOptions.show(Document(drills: entries)) {
            entries.map { entry in
                Paint.good("ok") + "  \(entry.drill)  \(Counted.of(entry.steps, "step")) on \(entry.topology)\n"
            }.joined() + "next: roost drill run \(drills.first ?? entries.first?.drill ?? "NAME")\n"
        }
    }
}
