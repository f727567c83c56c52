import Foundation
import ShopScenario
import Testing

@Suite("The unchanged actors under a seed", .timeLimit(.minutes(5)))
struct DeterminismTests {
    @Test("Under 20 seeds every order is carried out once, the projections are equal and the histories differ")
    func seeds() throws {
        let reports = try (1...20).map { try ShopScenario(seed: UInt64($0)).run() }
        for (index, report) in reports.enumerated() {
            #expect(report.isQuiet && report.failures.isEmpty, "seed \(index + 1): \(report.failures)")
            #expect(
                report.events == ["OrderPlaced": 6, "OrderPaid": 6, "OrderShipped": 6, "InventoryDecremented": 12],
                "seed \(index + 1)")
            #expect(report.roots == report.refolded, "seed \(index + 1)")
        }
        #expect(Set(reports.map(\.history)).count >= 10)
        // Analytics measures how long things took and search keeps event IDs: both differ between histories.
        #expect(Set(reports.map { $0.roots.filter { $0.hasPrefix("dashboard") } }).count == 1)
    }

    @Test("The same seed in two processes gives the same history, byte for byte")
    func sameSeedTwice() throws {
        let first = try Self.probe(seed: 7)
        #expect(first.hasPrefix("history "))
        #expect(try Self.probe(seed: 7) == first)
        #expect(try Self.probe(seed: 8) != first)
    }

    private static func probe(seed: Int) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
            .deletingLastPathComponent().appendingPathComponent("SimulationProbe")
        process.arguments = [String(seed)]
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: data, as: UTF8.self)
    }
}
