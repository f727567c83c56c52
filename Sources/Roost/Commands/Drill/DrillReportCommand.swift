import ArgumentParser
import RoostDrill

struct DrillReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Show what a drill has reported in another form.")

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, md, junit, html }

    @Argument(help: "The JSON of a report, or a directory that --report has filled.")
    var file: String

    @Option(help: "text, md, junit or html; html is of one drill.")
    var format = Format.text

    @OptionGroup var outputOptions: OutputOptions

    mutating func run() async throws {
        let all = try DrillReportFiles.read(file)
        if outputOptions.json, let only = all.reports.first, all.reports.count == 1 {
            return try outputOptions.show(only) { "" }
        }
        try outputOptions.show(all) {
            switch format {
            case .text: all.reports.map(DrillText.text).joined()
            case .md: all.reports.map(\.markdown).joined(separator: "\n")
            case .junit: all.junit
            case .html: try page(all)
            }
        }
    }

    private func page(_ all: DrillReports) throws -> String {
        guard let only = all.reports.first, all.reports.count == 1 else {
            throw Failure(
                code: "usage", message: "a page shows one drill; \(file) has \(all.reports.count)",
                hint: "roost drill report \(file)/NAME.json --format html", exitCode: 64)
        }
        return only.html
    }
}
