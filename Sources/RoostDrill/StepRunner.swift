import Foundation
import RoostClient
import RoostCluster
import RoostCore
import Synchronization

/// Carries out the steps of a method at their times, each as the command that a user would type.
final class StepRunner: Sendable {
    /// What a step printed is kept up to here.
    private static let outputMax = 2000

    private let steps: [DrillStep]
    private let home: DrillHome
    private let ledger: DrillLedger
    private let sampler: DrillSampler
    private let sender: DrillSender
    private let seed: UInt64
    private let up: [String]
    private let onProgress: @Sendable (String) -> Void
    private struct State {
        var done: [DrillReport.Step] = []
        var findings: [DrillFinding] = []
    }

    private let state = Mutex(State())

    init(
        _ drill: Drill, home: DrillHome, ledger: DrillLedger, sampler: DrillSampler, sender: DrillSender,
        onProgress: @escaping @Sendable (String) -> Void
    ) {
        var random = SeededRandom(seed: drill.seed)
        steps = drill.steps(exploring: &random)
        up = drill.up(home: home.path, cluster: home.cluster.name)
        seed = drill.seed
        self.home = home
        self.ledger = ledger
        self.sampler = sampler
        self.sender = sender
        self.onProgress = onProgress
    }

    /// A seed of its own for each load of a drill.
    static func seed(_ seed: UInt64, _ number: UInt64) -> UInt64 { seed &* 1000 &+ number &+ 1 }

    /// What was done, in the order in which it began.
    var done: [DrillReport.Step] { state.withLock { $0.done.sorted { $0.started < $1.started } } }

    /// What did not go as the drill says.
    var findings: [DrillFinding] { state.withLock { $0.findings } }

    /// A step waits for the one before, unless that goes on beside the others.
    func run() async throws {
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, step) in steps.enumerated() {
                let due = start + step.at
                if ContinuousClock.now < due { try await ContinuousClock().sleep(until: due) }
                if step.isAwaited {
                    try await carryOut(step, number)
                } else {
                    group.addTask { try await self.carryOut(step, number) }
                }
            }
            try await group.waitForAll()
        }
    }

    private func carryOut(_ step: DrillStep, _ number: Int) async throws {
        let began = sampler.elapsed
        sampler.mark(.step, step.words)
        onProgress(step.words)
        let commands = step.commands(home: home.path, cluster: home.cluster.name, up: up)
        let ended = try await perform(step, commands, number)
        try Task.checkCancellation()
        let record = DrillReport.Step(
            planned: step.at.fractionalSeconds, started: began, seconds: sampler.elapsed - began, words: step.words,
            commands: commands.map { "roost " + $0.joined(separator: " ") }, exit: ended.exit,
            output: String(ended.output.suffix(Self.outputMax)))
        state.withLock {
            $0.done.append(record)
            if let finding = finding(step, ended) { $0.findings.append(finding) }
        }
    }

    private func perform(_ step: DrillStep, _ commands: [[String]], _ number: Int) async throws -> DrillHome.Ended {
        switch step.action {
        case .burst(let load):
            try await sender.send(load, seed: Self.seed(seed, UInt64(2 + number)))
            return DrillHome.Ended(exit: 0, output: "")
        case .mend(let process):
            return change {
                try $0.createSymbolicLink(atPath: "\(home.path)/mended-\(process)", withDestinationPath: "/")
            }
        case .remove(let path):
            return change { try $0.removeItem(atPath: "\(home.cluster.path)/\(path)") }
        case .copy(let from, let to):
            return change {
                try $0.copyItem(atPath: "\(home.cluster.path)/\(from)", toPath: "\(home.cluster.path)/\(to)")
            }
        case .clear(let fault): return try await clear(fault, step.within)
        case .waitForProcess(let process, let state): return try await wait(for: process, state, step.within)
        default: break
        }
        var output = ""
        for words in commands {
            let ended = try await home.roost(words, within: step.within)
            output += ended.output
            // Also when it was cut short: it may have come that far.
            if case .restore(let name) = step.action, [0, DrillHome.Ended.cutShort].contains(ended.exit) {
                try forget(beyond: name)
            }
            guard ended.exit == 0 else { return DrillHome.Ended(exit: ended.exit, output: output) }
        }
        return DrillHome.Ended(exit: 0, output: output)
    }

    /// One that was cleared before needs no more.
    private func clear(_ fault: FaultSpec, _ within: Duration) async throws -> DrillHome.Ended {
        guard let active = try FaultList.read(home.cluster)?.faults.last(where: { $0.fault == fault }) else {
            return DrillHome.Ended(exit: 0, output: "\(fault.text) does not hold any more\n")
        }
        return try await home.roost(["fault", "clear", "\(active.id)"], within: within)
    }

    private func change(_ body: (FileManager) throws -> Void) -> DrillHome.Ended {
        do {
            try body(.default)
            return DrillHome.Ended(exit: 0, output: "")
        } catch {
            return DrillHome.Ended(exit: 1, output: error.localizedDescription)
        }
    }

    /// What was acknowledged after the backup is not in the log any more, as was asked for.
    private func forget(beyond backup: String) throws {
        let manifest = try BackupManifest.read("\(home.path)/backups/\(backup)")
        ledger.restored(
            to: Dictionary(manifest.partitions.map { ($0.partition, $0.position) }) { first, _ in first })
    }

    private func wait(for process: String, _ state: String, _ within: Duration) async throws -> DrillHome.Ended {
        let deadline = ContinuousClock.now + within
        var last = "unknown"
        while ContinuousClock.now < deadline {
            let found = try ClusterState.read(home.cluster)?.processes.filter {
                $0.name == process || $0.name.hasPrefix(process + "-")
            }
            last = found.map { $0.map(\.state.rawValue).joined(separator: ", ") } ?? last
            if let found, !found.isEmpty, found.allSatisfy({ $0.state.rawValue == state }) {
                let reasons = found.compactMap(\.lastExit?.reason).joined(separator: "; ")
                return DrillHome.Ended(exit: 0, output: reasons)
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        return DrillHome.Ended(exit: 3, output: "\(process) is \(last)")
    }

    private func finding(_ step: DrillStep, _ ended: DrillHome.Ended) -> DrillFinding? {
        if case .code(let code) = step.exit, code != ended.exit {
            let said = ended.output.trimmingCharacters(in: .whitespacesAndNewlines)
            let words = "'\(step.words)' ended with \(ended.exit), expected \(code): \(said.suffix(500))"
            return DrillFinding(step.failureClass(of: ended.exit), words)
        }
        if let says = step.says, !Self.is(says, in: ended.output) {
            return DrillFinding(.stepFailed, "'\(step.words)' did not say '\(says)', but: \(ended.output.suffix(500))")
        }
        return nil
    }

    /// Words as they are, or `/a pattern/`; a pattern that is none is never found.
    private static func `is`(_ says: String, in output: String) -> Bool {
        guard says.count > 2, says.hasPrefix("/"), says.hasSuffix("/") else { return output.contains(says) }
        do {
            return output.contains(try Regex(String(says.dropFirst().dropLast())))
        } catch {
            return false
        }
    }
}

extension DrillStep {
    /// What it means that the step did not end as it has to.
    fileprivate func failureClass(of exit: Int32) -> DrillFailureClass {
        if case .rebuild = action, exit == 2 { return .projectionWrong }
        if case .waitFor = action, exit == 3 { return .notConverged }
        if case .waitForProcess = action { return .notRecovered }
        return .stepFailed
    }
}
