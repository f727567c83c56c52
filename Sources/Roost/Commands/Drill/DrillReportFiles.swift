import Foundation
import RoostClient
import RoostDrill

/// The reports of drills in a directory.
struct DrillReportFiles {
    private let directory: String

    init(_ directory: String) { self.directory = directory }

    /// One drill.
    func write(_ report: DrillReport) throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try put(DocumentText.pretty(report), "\(report.drill).json")
    }

    private func put(_ bytes: [UInt8], _ name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(directory)/\(name)"))
    }
}
