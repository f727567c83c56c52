import ArgumentParser

struct DrillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drill", abstract: "Rehearse failures on a cluster of its own, with a verdict.",
        subcommands: [
            DrillListCommand.self, DrillCheckCommand.self, DrillRunCommand.self, DrillReportCommand.self,
            DrillDiffCommand.self,
        ])
}
