import Foundation
import RoostClient
package import RoostCluster
package import RoostCore
package import RoostNode
import Synchronization

/// Runs one drill on a cluster of its own, and leaves nothing of it behind whatever happens.
package struct DrillRunner: Sendable {
    package struct Options: Sendable {
        /// The topology of the drill, when it names none.
        package var topologyFile: String?
        /// In place of the drill's own.
        package var seed: UInt64?
        package var mode: Drill.Mode?
        /// Leaves the directory for somebody to look at.
        package var keeps = false
        /// Asked now and then; true ends the drill, rolled back.
        package var isInterrupted: @Sendable () -> Bool = { false }
        /// Gets words for a person about what is going on.
        package var onProgress: @Sendable (String) -> Void = { _ in }
        package init() {}
    }

    let drill: Drill
    let domain: Domain
    let options: Options
    let topologyFile: String

    package init(_ drill: Drill, domain: Domain, options: Options) throws {
        var drill = drill
        drill.seed = options.seed ?? drill.seed
        drill.mode = options.mode ?? drill.mode
        self.drill = drill
        self.domain = domain
        self.options = options
        topologyFile = try drill.topologyFile(unless: options.topologyFile)
    }

    /// What has come of it so far.
    struct Outcome: Sendable {
        var findings: [DrillFinding] = []
        var reason: String?
        var after: SteadyState.Look?
        var steps: [DrillReport.Step] = []
    }

    /// Never throws: what keeps a drill from running is in its verdict.
    package func run(startedAt: Timestamp) async -> DrillReport {
        let start = ContinuousClock.now
        var stage: DrillStage?
        var outcome = Outcome()
        do {
            let home = try DrillHome(cluster: "drill")
            let made = DrillStage(home, drill: drill, domain: domain, options: options)
            stage = made
            try await play(made, &outcome)
        } catch let error as DrillSampler.GivenUp {
            outcome.reason = "the method was given up: \(error.reason)"
        } catch {
            outcome.reason = "\(error)"
        }
        var kept: String?
        if let stage {
            outcome.steps = stage.runner.done
            outcome.findings += await Rollback(stage, keeps: options.keeps).run()
            kept = options.keeps ? stage.home.path : nil
        }
        return report(stage, outcome, startedAt: startedAt, since: start, kept: kept)
    }

    /// The looks go on beside everything else, so that a drill can be interrupted at any moment.
    private func play(_ stage: DrillStage, _ outcome: inout Outcome) async throws {
        outcome = try await withThrowingTaskGroup(of: Outcome?.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                try await stage.sampler.run()
                return nil
            }
            group.addTask { try await prepareAndPlay(stage) }
            for try await ended in group {
                if let ended { return ended }
            }
            return Outcome()
        }
    }

    private func prepareAndPlay(_ stage: DrillStage) async throws -> Outcome {
        options.onProgress("starting the cluster")
        try await start(stage)
        if let load = drill.given.load {
            options.onProgress("loading \(load.commands) commands")
            try await stage.sender.send(load, seed: stage.seed(0))
        }
        options.onProgress("looking whether all is well before the method")
        let before = try await stage.steadyState.look()
        if let first = before.findings.first {
            // To be late proves nothing; everything else is a promise broken, before anything was done to the cluster.
            return Outcome(
                findings: before.findings.filter { $0.class != .notConverged },
                reason: "all was not well before the method: \(first.message)")
        }
        try await stage.sampler.settleCounters()
        guard drill.queriesAlways else { return try await method(stage) }
        return try await withThrowingTaskGroup(of: Outcome?.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                try await stage.queries.run()
                return nil
            }
            group.addTask { try await method(stage) }
            for try await ended in group {
                if let ended { return ended }
            }
            return Outcome()
        }
    }

    private func start(_ stage: DrillStage) async throws {
        let text = try drill.topology(over: topologyFile, home: stage.home.path)
        try Data(text.utf8).write(to: URL(fileURLWithPath: stage.home.topologyFile))
        let words = drill.up(home: stage.home.path, cluster: stage.home.cluster.name)
        let ended = try await stage.home.roost(words, within: .seconds(90))
        guard ended.exit == 0 else {
            throw DrillSampler.GivenUp(reason: "the cluster did not start: \(ended.output)")
        }
    }

    private func method(_ stage: DrillStage) async throws -> Outcome {
        var outcome = Outcome()
        stage.sampler.beginMethod(drill.stopIf)
        stage.sampler.mark(.phase, "the method begins")
        options.onProgress("the method begins")
        let load = drill.load
        outcome.findings += try await withThrowingTaskGroup(of: [DrillFinding].self) { group in
            if let load {
                group.addTask {
                    try await stage.sender.send(load, seed: stage.seed(1)); return []
                }
            }
            group.addTask { try await stage.runner.run() }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        stage.sampler.endMethod()
        stage.sampler.mark(.phase, "the method ends")
        options.onProgress("looking whether all is well again")
        let after = try await stage.steadyState.look()
        outcome.after = after
        outcome.findings += after.findings
        try await stage.sampler.settleCounters()
        outcome.findings += stage.queries.findings + unrefused(stage)
        outcome.reason = missing(stage)
        return outcome
    }

    private func unrefused(_ stage: DrillStage) -> [DrillFinding] {
        let totals = stage.sampler.totals
        return drill.ensured.compactMap { ensured in
            let found = totals.expected(ensured.counter, of: ensured.process)
            guard !ensured.range.contains(found) else { return nil }
            return DrillFinding(
                .notRefused, "\(ensured.counter) of \(ensured.process) is \(found), and has to be \(ensured.text)")
        }
    }

    /// The failure that did not take place, in words: then the drill has shown nothing.
    private func missing(_ stage: DrillStage) -> String? {
        let totals = stage.sampler.totals
        let unreached = drill.given.failpoints.sorted { $0.key < $1.key }.compactMap { process, failpoint -> String? in
            let marker = stage.home.path + "/reached-\(process)"
            let isEvery = failpoint.hasSuffix("@every")
            return isEvery || FileManager.default.fileExists(atPath: marker)
                ? nil : "\(process) did not reach \(failpoint)"
        }
        let idle =
            (drill.load != nil && stage.ledger.load.acknowledged == 0 ? ["no command was acknowledged"] : [])
            + (drill.queriesAlways && stage.queries.queries.asked == 0 ? ["no query was asked"] : [])
        let missing =
            unreached + idle
            + drill.expected.compactMap { expected -> String? in
                let found = totals.expected(expected.counter, of: expected.process)
                guard !expected.range.contains(found) else { return nil }
                return "\(expected.counter) of \(expected.process) is \(found), expected \(expected.text)"
            }
        return missing.isEmpty ? nil : "the failure did not show: " + missing.joined(separator: "; ")
    }

    private func report(
        _ stage: DrillStage?, _ outcome: Outcome, startedAt: Timestamp, since start: ContinuousClock.Instant,
        kept: String?
    ) -> DrillReport {
        let samples = stage?.sampler.samples ?? []
        let totals = stage?.sampler.totals ?? CounterTotals()
        let balance = outcome.after?.balance ?? []
        let published = totals.total("published")
        return DrillReport(
            schema: DrillReport.schema, drill: drill.name, title: drill.title, file: drill.file,
            topology: topologyFile, seed: drill.seed, mode: drill.mode.rawValue, startedAt: startedAt,
            seconds: (ContinuousClock.now - start).fractionalSeconds,
            verdict: DrillVerdict(outcome.findings, inconclusive: outcome.reason),
            readyAfter: outcome.after?.readyAfter, caughtUpAfter: outcome.after?.caughtUpAfter,
            steps: outcome.steps.map { $0.recovered(in: samples) }, load: stage?.ledger.load ?? DrillReport.Load(),
            queries: drill.queriesAlways ? stage?.queries.queries : nil,
            delivery: balance.map { row in
                DrillReport.Delivery(
                    reader: row.reader, published: published, received: totals.total("records", of: row.reader),
                    reread: totals.total("eventsFromLog", of: row.reader))
            },
            balance: balance, counters: totals.totals, samples: samples, marks: stage?.sampler.marks ?? [], kept: kept)
    }
}

/// Everything that one run of a drill works with.
struct DrillStage: Sendable {
    let home: DrillHome
    let ledger = DrillLedger()
    let sampler: DrillSampler
    let sender: DrillSender
    let queries: QueryLoop
    let steadyState: SteadyState
    let runner: StepRunner
    private let drillSeed: UInt64

    init(_ home: DrillHome, drill: Drill, domain: Domain, options: DrillRunner.Options) {
        self.home = home
        drillSeed = drill.seed
        sampler = DrillSampler(home, domain: domain, isInterrupted: options.isInterrupted)
        sender = DrillSender(home, domain: domain, ledger: ledger)
        queries = QueryLoop(home, domain: domain)
        steadyState = SteadyState(home, domain: domain, ledger: ledger, within: drill.settleWithin)
        runner = StepRunner(
            drill, home: home, ledger: ledger, sampler: sampler, sender: sender, onProgress: options.onProgress)
    }

    /// Different for each load of a drill, so that none sends what another has sent.
    func seed(_ number: UInt64) -> UInt64 { StepRunner.seed(drillSeed, number) }
}

extension Drill {
    /// Its own, relative to its file, then the one that was named.
    package func topologyFile(unless named: String?) throws -> String {
        if let named { return named }
        if let own = given.topology {
            let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
            return own.hasPrefix("/") ? own : folder.appendingPathComponent(own).standardizedFileURL.path
        }
        throw ClientError(
            .usage, code: "noTopology", "\(file) names no topology", hint: "roost drill run \(file) --topology FILE")
    }
}

extension Drill.Expectation {
    var text: String {
        if range.lowerBound == range.upperBound { return "\(range.lowerBound)" }
        let high = range.upperBound == .max ? "" : "\(range.upperBound)"
        return "\(range.lowerBound)..\(high)"
    }
}

extension DrillReport.Step {
    /// With the time until all were ready again: from the step to the first look that says so after one that does not.
    func recovered(in samples: [DrillReport.Sample]) -> DrillReport.Step {
        var step = self
        let later = samples.drop { $0.at < started }
        guard let down = later.first(where: { !$0.ready }), down.at < started + seconds + 2,
            let up = later.first(where: { $0.at > down.at && $0.ready })
        else { return step }
        step.readyAfter = up.at - started
        return step
    }
}
