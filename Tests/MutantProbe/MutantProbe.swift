import Foundation
import RoostLog

/// Plants one bug after the other and runs the drill that is there to find it: `make mutants`. Exit code 1 when a bug is not
/// found, is found under another name, or when a drill fails without one.
@main
struct MutantProbe {
    /// Which drill finds a bug, and what it calls what the bug broke.
    struct Case {
        let mutant: Mutant
        let drill: String
        let classes: Set<String>
    }

    static let cases = [
        Case(mutant: .skipGapCheck, drill: "slow-subscriber", classes: ["projection wrong", "skipped silently"]),
        Case(mutant: .checkpointBeforeState, drill: "kill-projection", classes: ["projection wrong"]),
        Case(
            mutant: .publishBeforeCommit, drill: "killed-before-answer",
            classes: ["acknowledged event lost", "projection wrong", "not recovered"]),
        Case(mutant: .acknowledgeBeforeSync, drill: "torn-tail", classes: ["acknowledged event lost", "log damaged"]),
        Case(
            mutant: .noEpochCheck, drill: "zombie-writer",
            classes: ["not refused", "stale writer accepted"]),
        Case(mutant: .noCommandIDCheck, drill: "killed-before-answer", classes: ["event doubled", "contract broken"]),
        Case(mutant: .rebuildWithoutReset, drill: "rebuild-under-load", classes: ["projection wrong"]),
        Case(
            mutant: .swapBeforeLastBatch, drill: "rebuild-under-load",
            classes: ["projection wrong", "skipped silently"]),
    ]

    /// A part of `roost.drill/1`.
    private struct Report: Decodable {
        struct Verdict: Decodable {
            let result: String
            let `class`: String?
            let reason: String?
            let findings: [Finding]

            var details: [String] {
                (reason.map { [$0] } ?? []) + findings.prefix(3).map { "\($0.class): \($0.message)" }
            }
        }
        struct Finding: Decodable {
            let `class`: String
            let message: String
        }
        let verdict: Verdict
    }

    static func main() throws {
        precondition(Set(cases.map(\.mutant)) == Set(Mutant.allCases), "every bug has a drill")
        var survivors = 0
        for drill in Set(cases.map(\.drill)).sorted() { survivors += try run(drill, nil) ? 0 : 1 }
        for item in cases { survivors += try run(item.drill, item) ? 0 : 1 }
        fflush(nil)
        print(survivors == 0 ? "every planted bug was found" : "\(survivors) runs went otherwise than they should")
        exit(survivors == 0 ? 0 : 1)
    }

    /// Whether the drill said what it had to say: without a bug that it passed.
    private static func run(_ drill: String, _ item: Case?) throws -> Bool {
        let verdict = try verdict(of: drill, item?.mutant)
        let found = verdict.class ?? verdict.result
        let isRight = item.map { verdict.result == "failed" && $0.classes.contains(found) } ?? (found == "passed")
        print("\(isRight ? "ok   " : "WRONG") \(item?.mutant.rawValue ?? "no bug"): \(drill) says \(found)")
        if !isRight {
            for line in verdict.details { print("      \(line)") }
        }
        return isRight
    }

    private static func verdict(of drill: String, _ mutant: Mutant?) throws -> Report.Verdict {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("roost")
        process.arguments = ["drill", "run", drill, "--json"]
        var environment = ProcessInfo.processInfo.environment
        environment["ROOST_MUTANT"] = mutant?.rawValue
        process.environment = environment
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return try JSONDecoder().decode(Report.self, from: data).verdict
    }
}
