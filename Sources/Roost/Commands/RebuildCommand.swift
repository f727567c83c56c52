import ArgumentParser
import Foundation
import RoostClient
import RoostCluster
import RoostCore
import RoostNode

struct RebuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild",
        abstract: "Make a projection again from the first event, beside the live one, and compare the two.",
        discussion: """
            The live projection goes on meanwhile. Exit code 2 when they differ, unless that is accepted. With --swap the
            rebuilt one takes the live one's place; no query fails; where they differ it does so only with --accept-diff.
            With --prove a certificate is kept that 'roost certificate verify' checks again; with --keep the rows are, too,
            so that a later rebuild can begin with them (--from) instead of with the first event. With --until and --into
            nothing is compared: the projection is made as it was at that recorded time, in a file that roost query NAME
            --in FILE can ask.
            """)

    @Argument(help: "The projection.")
    var name: String

    @Flag(help: "Put the rebuilt projection in the live one's place.")
    var swap = false

    @Flag(help: "With --swap: also when the two differ.")
    var acceptDiff = false

    @Flag(help: "Keep a certificate of what was found equal.")
    var prove = false

    @Flag(help: "With --prove: keep the proved rows, for rebuilds to begin with.")
    var keep = false

    @Option(help: "Begin with kept rows that hold at most so many events of the log; see --keep.")
    var from: UInt64?

    @Option(help: "About so many events a second, to leave the machine to others.")
    var rate: Int?

    @Flag(help: "Only say what there is to do, and about how long it takes.")
    var dryRun = false

    @Option(help: "As of this recorded time, \(TimeArgument.help).")
    var until: TimeArgument?

    @Option(help: "The new file for the projection as of that time.")
    var into: String?

    @OptionGroup var clusterOptions: ClusterOptions
    @OptionGroup var outputOptions: OutputOptions

    func validate() throws {
        guard (until == nil) == (into == nil) else { throw ValidationError("--until and --into go together") }
        guard !swap || until == nil else { throw ValidationError("the past cannot take the live one's place") }
        guard !prove || until == nil else {
            throw ValidationError("nothing is compared with the past, so nothing proved")
        }
        guard !dryRun || !(swap || prove || until != nil) else {
            throw ValidationError("--dry-run makes nothing, so nothing is swapped, proved or kept")
        }
        guard rate ?? 1 > 0 else { throw ValidationError("--rate is a number of events from 1") }
        guard rate == nil || !(dryRun || until != nil) else { throw ValidationError("--rate is for a rebuild") }
        guard !keep || prove else { throw ValidationError("--keep goes with --prove: what is kept has to be proved") }
        guard from == nil || until == nil else { throw ValidationError("the past is made from the first event") }
        guard !acceptDiff || swap else { throw ValidationError("--accept-diff goes with --swap") }
    }

    mutating func run() async throws {
        if let until, let into { return try await makePast(until.time, into) }
        if dryRun { return try await plan() }
        let running = try clusterOptions.running()
        let name = name
        Interruption.exitOnInterrupt(
            saying: "\ninterrupted: the live one is as it was; the same rebuild again goes on where this was\n")
        try await clusterOptions.withClient { _ = try $0.projection(name) }
        let document = try rebuild(in: running.directory)
        try outputOptions.show(document) { RebuildText.text(document, proving: prove) }
        // Who accepts a difference and gets the swap has got what was asked for.
        if document.verdict != "equal", !document.swapped { throw ExitCode(2) }
    }

    private func plan() async throws {
        let name = name
        let base = try from.map { try newestBase($0, in: clusterOptions.located()) }
        let plan = try await clusterOptions.withClient { try $0.planRebuild(of: name, from: base) }
        do {
            try RebuildPlanFile.keep(plan, in: try clusterOptions.located())
        } catch {
            Terminal.error("the plan is not kept for the rebuild to be compared with: \(error)\n")
        }
        try outputOptions.show(plan) { RebuildPlanText.text(plan) }
        if !plan.obstacles.isEmpty { throw ExitCode(2) }
    }

    private func makePast(_ time: Timestamp, _ file: String) async throws {
        let name = name
        let document = try await clusterOptions.withClient { client in
            let line = ProgressLine()
            defer { line.finish() }
            return try client.rebuild(name, until: time, into: file) { done in line.show { "\(done) events" } }
        }
        try outputOptions.show(document) {
            "\(document.projection) as of \(document.until)  \(document.events) events in "
                + "\(document.seconds.wholeMilliseconds) s\nnext: roost query \(document.projection) --in \(document.file)\n"
        }
    }

    /// Rebuilds beside the live one; when a swap is asked for, and both are equal or a difference is accepted, the live process
    /// goes over to the new generation.
    private func rebuild(in directory: ClusterDirectory) throws -> RebuildDocument {
        let base = try from.map { try newestBase($0, in: directory) }
        var wishes = RebuildWishes()
        (wishes.rate, wishes.base) = (rate, base?.events)
        (wishes.proves, wishes.keeps, wishes.swaps) = (prove, keep, swap)
        let result = try Self.compare(name, directory, wishes)
        Interruption.exitOnInterrupt()
        let isEqual = result.verdict == .equal
        let proof = prove && isEqual ? try CertificateFile.keep(result, of: directory) : nil
        let kept = try result.isLaidBy ? proof.map { try bases(in: directory).keep($0.certificate) } : nil
        let isSwapped = swap && (isEqual || acceptDiff)
        if isSwapped { try SwapCall(result, in: directory).perform() }
        return RebuildDocument(
            result, swapped: isSwapped, certificate: proof?.path,
            kept: kept.map { CertificateFile.fromHere($0.directory) }, predicted: try prediction(result, directory))
    }

    private func bases(in directory: ClusterDirectory) -> ProjectionBases {
        ProjectionBases(projection: directory.projection(name))
    }

    /// The base with the most events, but no more than so many.
    private func newestBase(_ events: UInt64, in directory: ClusterDirectory) throws -> ProjectionBase {
        let bases = bases(in: directory)
        if let base = try bases.newest(through: events) { return base }
        let first = try bases.all().first
        let words = first.map { "the first ones hold \($0.events)" } ?? "none were kept"
        throw Failure(
            code: "noBase",
            message: "there are no rows of \(name) to begin with that hold \(events) events or fewer: \(words)",
            hint: "roost rebuild \(name) " + (first.map { "--from \($0.events)" } ?? "--prove --keep"), exitCode: 4)
    }

    /// Nothing was predicted of a rebuild that is held up, or of half of one.
    private func prediction(
        _ result: RebuildResult, _ directory: ClusterDirectory
    ) throws -> RebuildPredictionDocument? {
        guard rate == nil, !result.isResumed else { return nil }
        return try RebuildPlanFile.take(name, in: directory).flatMap { plan in
            plan.base == result.base?.events ? RebuildPredictionDocument(plan, for: result.events) : nil
        }
    }

    /// Puts a projection made from the first event in the live one's place, whatever the live one holds.
    static func replace(_ name: String, in directory: ClusterDirectory) throws {
        var wishes = RebuildWishes()
        (wishes.swaps, wishes.isFresh) = (true, true)
        let result = try compare(name, directory, wishes, task: "remake")
        try SwapCall(result, in: directory).perform()
    }

    /// Starts of one rebuild whose process dies at events, until each is parked.
    private static let startsMax = 100
    /// What a process dies of by its own doing.
    private static let ownSignals = [SIGABRT, SIGSEGV, SIGILL, SIGTRAP, SIGBUS, SIGFPE]

    /// Asks the supervisor to run `NAME@rebuild` and reads what it prints. One that dies goes on where it was, as a live
    /// projection does, and parks what it dies at again and again.
    private static func compare(
        _ name: String, _ directory: ClusterDirectory, _ wishes: RebuildWishes, task: String = "rebuild"
    ) throws -> RebuildResult {
        var wishes = wishes
        for start in 1...startsMax {
            let (found, result) = try run(name, directory, task, wishes)
            if let found { return found }
            if result.exitCode == ClusterError.Code.wrongState.exitCode {
                throw Failure(
                    code: "wrongState", message: result.message, hint: "roost ps shows it; wait for it to end",
                    exitCode: result.exitCode)
            }
            guard start < startsMax, let signal = result.signal, ownSignals.contains(signal) else {
                throw Failure(
                    code: "rebuildFailed", message: result.message, hint: "roost logs \(name)@\(task)", exitCode: 1)
            }
            wishes.isFresh = false
            Terminal.error("\(name)@\(task) died of signal \(signal); it goes on\n")
        }
        preconditionFailure("the last start returns or throws")
    }

    /// One start of the task; a failure says what the process said.
    private static func run(
        _ name: String, _ directory: ClusterDirectory, _ task: String, _ wishes: RebuildWishes
    ) throws -> (RebuildResult?, ControlResult) {
        let progress = ProgressLine()
        let start = ContinuousClock.now
        defer { progress.finish() }
        var first: Int64?
        var found: RebuildResult?
        var reason: String?
        let request = ControlRequest(.run, target: name, task: task, arguments: wishes.arguments)
        var result = try ControlClient.perform(request, in: directory) { line in
            let bytes = Array(line.utf8)
            if let result = Self.parse(RebuildResult.self, bytes) {
                found = result
            } else if let status = Self.parse(ProcessStatus.self, bytes) {
                reason = status.reason ?? reason
                if let applied = status.counters["experiments"] {
                    return progress.show { "they differ; looking for the cause: \(applied) events applied" }
                }
                first = first ?? status.counters["done"]
                progress.show { Self.text(status.counters, since: first ?? 0, after: ContinuousClock.now - start) }
            }
        }
        result.message = reason ?? result.message
        return (found, result)
    }

    /// How far it is, how fast, and how long it still takes.
    private static func text(_ counters: [String: Int64], since first: Int64, after time: Duration) -> String {
        let (done, total) = (Double(counters["done"] ?? 0), Double(counters["total"] ?? 0))
        let perSecond = (done - Double(first)) / max(time / .seconds(1), 0.001)
        let left = perSecond > 0 ? ", \(Int(((total - done) / perSecond).rounded(.up))) s left" : ""
        return "\(ProgressLine.bar(total > 0 ? done / total : 0))  \(Int(done)) of \(Int(total)) events  "
            + "\(Int(perSecond))/s\(left)"
    }

    /// nil for a line of another kind.
    private static func parse<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) -> Value? {
        do {
            return try DocumentText.parse(type, bytes, what: "a line")
        } catch {
            return nil
        }
    }
}
