import Foundation
import RoostClient
import RoostCluster

/// The last plan of a rebuild, beside the projection it is about: what it predicted is compared, once, with what the rebuild then
/// takes.
enum RebuildPlanFile {
    static func keep(_ plan: RebuildPlanDocument, in directory: ClusterDirectory) throws {
        let path = path(plan.projection, directory)
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(DocumentText.pretty(plan)).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    /// Takes the plan away. nil where nothing was planned, or by another version.
    static func take(_ projection: String, in directory: ClusterDirectory) throws -> RebuildPlanDocument? {
        guard let data = FileManager.default.contents(atPath: path(projection, directory)) else { return nil }
        try FileManager.default.removeItem(atPath: path(projection, directory))
        do {
            return try DocumentText.parse(RebuildPlanDocument.self, Array(data), what: "the plan")
        } catch is ClientError {
            return nil
        }
    }

    private static func path(_ projection: String, _ directory: ClusterDirectory) -> String {
        "\(directory.projection(projection))/plan.json"
    }
}
