import ArgumentParser
import Foundation
import RoostClient
import RoostCluster
import RoostCore
import RoostDrill

struct DrillRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run drills, each on a cluster of its own that is gone afterwards.",
        discussion: """
            Exit code 0 when all passed, 1 when one failed, 3 when one proved nothing because all was not well before it,
            or it was given up; 78 for a drill that cannot be used, 130 when interrupted, rolled back.
            """)

    @Argument(help: "Names or files, as in kill-projection or topology/drills/kill-projection.yaml.")
    var drills: [String] = []

    @Flag(help: "All drills that are here.")
    var all = false

    @Option(help: "Seed of what is random in a drill; its own unless given.")
    var seed: UInt64?

    @Option(help: "test, or explore: also a random choice of what the drill names.")
    var mode: Drill.Mode?

    @Flag(help: "Only say what would be done when.")
    var dryRun = false

    @Flag(help: "Leave the directory of the cluster.")
    var keep = false

    @Option(help: "Write the reports of all drills into this directory: JSON, Markdown and HTML of each, JUnit of all.")
    var report: String?

    @OptionGroup var drillOptions: DrillOptions
    @OptionGroup var outputOptions: OutputOptions

    func validate() throws {
        guard all == drills.isEmpty else { throw ValidationError("name drills, or --all, and not both") }
    }

    mutating func run() async throws {
        let found = try drillOptions.files.drills(all ? try drillOptions.files.all() : drills)
        for drill in found { _ = try drillOptions.target(of: drill) }
        if dryRun { return try showPlans(found) }
        Interruption.watch()
        var reports: [DrillReport] = []
        for drill in found where !Interruption.wasRequested {
            let finished = try await carryOut(drill)
            if let report { try DrillReportFiles(report).write(finished) }
            if !outputOptions.json { Terminal.out(DrillText.text(finished)) }
            reports.append(finished)
        }
        if let report { try DrillReportFiles(report).writeAll(reports) }
        if outputOptions.json { try outputOptions.put(try json(reports)) }
        if reports.count > 1, !outputOptions.json { Terminal.out(DrillText.summary(reports)) }
        if Interruption.wasRequested { throw ExitCode(130) }
        let results = Set(reports.map(\.verdict.result))
        if results.contains(.failed) { throw ExitCode(1) }
        if results.contains(.inconclusive) { throw ExitCode(3) }
    }

    private func carryOut(_ drill: Drill) async throws -> DrillReport {
        let narrator = DrillNarrator(drill.name)
        var options = DrillRunner.Options()
        options.topologyFile = drillOptions.topology
        options.seed = seed
        options.mode = mode
        options.keeps = keep
        options.isInterrupted = { Interruption.wasRequested }
        options.onProgress = { narrator.say($0) }
        let runner = try DrillRunner(drill, domain: CommandLineRunner.domain, options: options)
        let report = await runner.run(startedAt: .system)
        narrator.finish()
        return report
    }

    /// One report as it is; several in a list.
    private func json(_ reports: [DrillReport]) throws -> [UInt8] {
        guard let only = reports.first, reports.count == 1 else {
            return try DocumentText.pretty(DrillReports(reports))
        }
        return try DocumentText.pretty(only)
    }

    private func showPlans(_ drills: [Drill]) throws {
        let plans = try drills.map { drill in
            DrillPlan(drill, topology: try drillOptions.target(of: drill).file, seed: seed, mode: mode)
        }
        try outputOptions.show(DrillPlans(plans: plans)) { plans.map(DrillText.plan).joined(separator: "\n") }
    }
}

extension Drill.Mode: ExpressibleByArgument {}

/// Tells how a drill goes on: one line that is redrawn on a terminal, a line for each step elsewhere.
private final class DrillNarrator: Sendable {
    private let name: String
    private let start = ContinuousClock.now

    init(_ name: String) { self.name = name }

    func say(_ words: String) {
        let seconds = (ContinuousClock.now - start).components.seconds
        let line = "\(name)  \(seconds) s  \(words)"
        Terminal.error(Terminal.standardErrorIsTerminal ? "\r\u{1B}[K\(line)" : line + "\n")
    }

    func finish() { if Terminal.standardErrorIsTerminal { Terminal.error("\r\u{1B}[K") } }
}
