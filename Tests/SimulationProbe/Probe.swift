import RoostCore
import RoostSim
import ShopScenario

/// Runs one seed and prints what happened, for a test that compares two processes.
@main
enum Probe {
    static func main() throws {
        let seed = UInt64(CommandLine.arguments.dropFirst().first ?? "1") ?? 1
        let report = try ShopScenario(seed: seed).run()
        print("history \(report.history) log \(report.log) roots \(report.roots)")
    }
}
