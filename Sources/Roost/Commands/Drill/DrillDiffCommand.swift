import ArgumentParser
import RoostDrill

struct DrillDiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Compare two reports: verdicts, recovery times and counters.",
        discussion: "Exit code 2 when a drill that passed before does not pass now.")

    @Argument(help: "The JSON of a report, or a directory of reports.")
    var before: String

    @Argument(help: "The other one.")
    var after: String

    @OptionGroup var outputOptions: OutputOptions

    mutating func run() async throws {
        let diff = DrillDiff(try DrillReportFiles.read(before), try DrillReportFiles.read(after))
        try outputOptions.show(diff) { Self.text(diff) }
        if diff.isWorse { throw ExitCode(2) }
    }

    private static func text(_ diff: DrillDiff) -> String {
        diff.drills.map { drill in
            let (old, new) = (drill.verdictBefore ?? "not run", drill.verdictAfter ?? "not run")
            let verdict = old == new ? old : "\(old) -> \(new)"
            let changes = drill.changes.map { "  \($0.what): \(number($0.before)) -> \(number($0.after))\n" }
            return "\(drill.isWorse ? Paint.bad(verdict) : verdict)  \(drill.drill)\n" + changes.joined()
        }.joined()
    }

    private static func number(_ value: Double?) -> String {
        guard let value else { return "-" }
        return value == value.rounded() ? "\(Int(value))" : "\(Double(Int((value * 100).rounded())) / 100)"
    }
}
