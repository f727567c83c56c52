import Foundation

/// The topology of a test: the file that users get, with an environment for some processes.
struct TestTopology {
    let name: String
    let text: String

    /// `topology/shop.yaml`.
    static func shop(
        environment: [String: [String: String]] = [:], sendHighWater: Int = 10_000, transport: String = "ipc"
    ) throws -> TestTopology {
        let text = try String(contentsOfFile: Repository.path + "/topology/shop.yaml", encoding: .utf8)
            .replacing("sendHighWater: 10000", with: "sendHighWater: \(sendHighWater)")
            .replacing("transport: ipc", with: "transport: \(transport)")
        return TestTopology(
            name: "shop", text: try environment.reduce(text) { try adding($1.value, to: $1.key, in: $0) })
    }

    /// `topology/failover.yaml`; with `killsStalled` false a stalled writer of the stock is only replaced.
    static func failover(
        killsStalled: Bool = true, environment: [String: [String: String]] = [:]
    ) throws -> TestTopology {
        let text = try String(contentsOfFile: Repository.path + "/topology/failover.yaml", encoding: .utf8)
            .replacing("{stalledAfter: 1s}", with: "{stalledAfter: 1s, killsStalled: \(killsStalled)}")
        return TestTopology(
            name: "failover", text: try environment.reduce(text) { try adding($1.value, to: $1.key, in: $0) })
    }

    /// `topology/tiny.yaml`.
    static func tiny(environment: [String: [String: String]] = [:]) throws -> TestTopology {
        let text = try String(contentsOfFile: Repository.path + "/topology/tiny.yaml", encoding: .utf8)
        return TestTopology(
            name: "tiny", text: try environment.reduce(text) { try adding($1.value, to: $1.key, in: $0) })
    }

    private static func adding(_ environment: [String: String], to process: String, in text: String) throws -> String {
        let start = "\n  \(process): {role"
        guard text.contains(start) else { throw TestFailure("the topology has no line for process '\(process)'") }
        let pairs = environment.sorted { $0.key < $1.key }.map { "\($0.key): \"\($0.value)\"" }
        return text.replacing(start, with: "\n  \(process): {env: {\(pairs.joined(separator: ", "))}, role")
    }
}

/// Where the sources of this package are.
enum Repository {
    static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    /// The retail file, where it is there: it is not part of the repository.
    static let retailFile = path + "/../shared/data/online-retail-10k.csv"
    static var hasRetailFile: Bool { FileManager.default.fileExists(atPath: retailFile) }
}

/// The seed of this run: `ROOST_SEED` repeats an earlier one.
enum Seed {
    static let current: UInt64 =
        ProcessInfo.processInfo.environment["ROOST_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...999_999)
}
