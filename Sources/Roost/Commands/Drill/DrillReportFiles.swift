import Foundation
import RoostClient
import RoostDrill

/// The reports of drills in a directory.
struct DrillReportFiles {
    private let directory: String

    init(_ directory: String) { self.directory = directory }

    /// One drill, in every form.
    func write(_ report: DrillReport) throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try put(DocumentText.pretty(report), "\(report.drill).json")
        try put(Array(report.markdown.utf8), "\(report.drill).md")
        try put(Array(report.html.utf8), "\(report.drill).html")
    }

    /// All drills together: what build servers and `roost drill diff` read.
    func writeAll(_ reports: [DrillReport]) throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let all = DrillReports(reports)
        try put(DocumentText.pretty(all), "drills.json")
        try put(Array(all.junit.utf8), "junit.xml")
    }

    private func put(_ bytes: [UInt8], _ name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(directory)/\(name)"))
    }

    /// One report, several in a list, or those of a directory.
    static func read(_ path: String) throws -> DrillReports {
        var isDirectory: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
        let file = isDirectory.boolValue ? path + "/drills.json" : path
        guard exists, let data = FileManager.default.contents(atPath: file) else {
            throw Failure(
                code: "notFound", message: "cannot read \(file)",
                hint: "roost drill run NAME --report DIR makes reports",
                exitCode: 4)
        }
        do {
            return DrillReports([try DocumentText.parse(DrillReport.self, [UInt8](data), what: file)])
        } catch is ClientError {
            return try DocumentText.parse(DrillReports.self, [UInt8](data), what: file)
        }
    }
}
