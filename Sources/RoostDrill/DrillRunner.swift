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

    /// Never throws: what keeps a drill from running is in its verdict.
    package func run(startedAt: Timestamp) async -> DrillReport {
        let start = ContinuousClock.now
        do {
            let stage = DrillStage(try DrillHome(cluster: "drill"), drill: drill, domain: domain, options: options)
            await play(stage)
            return report(stage, stage.record.outcome, startedAt: startedAt, since: start)
        } catch {
            let outcome = DrillRecord.Outcome(reasons: ["\(error)"])
            return report(nil, outcome, startedAt: startedAt, since: start)
        }
    }

    /// To the end of everything, the rollback included. Whatever is thrown, what was found out before it stays.
    private func play(_ stage: DrillStage) async {
        var isGivenUp = true
        do {
            try await stage.sampler.watching { try await prepareAndPlay(stage) }
            isGivenUp = false
        } catch let error as DrillSampler.GivenUp {
            stage.record.note { $0.reasons.append("the method was given up: \(error.reason)") }
        } catch {
            stage.record.note { $0.reasons.append("\(error)") }
        }
        let rollback = Rollback(stage, keeps: options.keeps)
        let leftovers = await rollback.stop()
        if isGivenUp, stage.record.outcome.hasBegun, !options.isInterrupted() { await lookAtLog(stage) }
        let files = rollback.removeFiles()
        stage.record.note {
            $0.findings += stage.runner.findings + stage.queries.findings + stage.ledger.unsettledFindings
            $0.findings += leftovers + files
        }
    }

    /// A drill that was given up may not have proved that all is well; that something is not, its log says all the same.
    private func lookAtLog(_ stage: DrillStage) async {
        options.onProgress("looking what the log holds")
        do {
            let look = try await stage.steadyState.lookAtLog()
            stage.record.note {
                $0.findings += look.findings
                $0.reasons += look.obstacles
            }
        } catch {
            stage.record.note { $0.reasons.append("what the log holds cannot be looked at: \(error)") }
        }
    }

    private func prepareAndPlay(_ stage: DrillStage) async throws {
        options.onProgress("starting the cluster")
        try await start(stage)
        if let load = drill.given.load {
            options.onProgress("loading \(load.commands) commands")
            try await stage.sender.send(load, seed: stage.seed(0))
        }
        options.onProgress("looking whether all is well before the method")
        let before = try await stage.steadyState.look()
        if let first = before.findings.first?.message ?? before.obstacles.first {
            return stage.record.note {
                // To be late proves nothing; everything else is a promise broken, before anything was done to the cluster.
                $0.findings = before.findings.filter { $0.class != .notConverged }
                $0.reasons = ["all was not well before the method: \(first)"]
            }
        }
        try await stage.sampler.settleCounters()
        guard drill.queriesAlways else { return try await method(stage) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await stage.queries.run() }
            group.addTask { try await method(stage) }
            _ = try await group.next()
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

    private func method(_ stage: DrillStage) async throws {
        stage.record.note { $0.hasBegun = true }
        stage.sampler.beginMethod(drill.stopIf)
        stage.sampler.mark(.phase, "the method begins")
        options.onProgress("the method begins")
        let load = drill.load
        try await withThrowingTaskGroup(of: Void.self) { group in
            if let load { group.addTask { try await stage.sender.send(load, seed: stage.seed(1)) } }
            group.addTask { try await stage.runner.run() }
            try await group.waitForAll()
        }
        // A load that was cut short returns all the same.
        try Task.checkCancellation()
        stage.sampler.endMethod()
        stage.sampler.mark(.phase, "the method ends")
        options.onProgress("looking whether all is well again")
        let after = try await stage.steadyState.look()
        stage.record.note {
            $0.after = after
            $0.findings += after.findings
            $0.reasons += after.obstacles
        }
        try await stage.sampler.settleCounters()
        stage.record.note {
            $0.findings += unrefused(stage)
            $0.reasons += missing(stage).map { [$0] } ?? []
        }
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
        _ stage: DrillStage?, _ outcome: DrillRecord.Outcome, startedAt: Timestamp, since start: ContinuousClock.Instant
    ) -> DrillReport {
        let samples = stage?.sampler.samples ?? []
        let totals = stage?.sampler.totals ?? CounterTotals()
        let balance = outcome.after?.balance ?? []
        let published = totals.total("published")
        let reason = outcome.reasons.joined(separator: "; ")
        return DrillReport(
            schema: DrillReport.schema, drill: drill.name, title: drill.title, file: drill.file,
            topology: topologyFile, seed: drill.seed, mode: drill.mode.rawValue, startedAt: startedAt,
            seconds: (ContinuousClock.now - start).fractionalSeconds,
            verdict: DrillVerdict(outcome.findings, inconclusive: reason.isEmpty ? nil : reason),
            readyAfter: outcome.after?.readyAfter, caughtUpAfter: outcome.after?.caughtUpAfter,
            steps: (stage?.runner.done ?? []).map { $0.recovered(in: samples) },
            load: stage?.ledger.load ?? DrillReport.Load(),
            queries: drill.queriesAlways ? stage?.queries.queries : nil,
            formerOwners: outcome.after?.staleEvents.map {
                DrillReport.FormerOwners(refused: totals.total("refused.fenced"), accepted: $0)
            },
            delivery: balance.map { row in
                DrillReport.Delivery(
                    reader: row.reader, published: published, received: totals.total("records", of: row.reader),
                    reread: totals.total("eventsFromLog", of: row.reader))
            },
            balance: balance, counters: totals.totals, samples: samples, marks: stage?.sampler.marks ?? [],
            kept: options.keeps ? stage?.home.path : nil)
    }
}

/// Everything that one run of a drill works with.
struct DrillStage: Sendable {
    let home: DrillHome
    let record = DrillRecord()
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
