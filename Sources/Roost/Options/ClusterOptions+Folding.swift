import RoostClient
import RoostCore

extension ClusterOptions {
    /// Asks for something that reads the whole log, and shows how far it has come.
    func folding<Result: Sendable>(
        _ body: (ClusterClient, (PartitionID, Position) -> Void) throws -> Result
    ) async throws -> Result {
        let progress = ProgressLine()
        let result = try await withClient { client in
            try body(client) { partition, position in progress.show { "partition \(partition) position \(position)" } }
        }
        progress.finish()
        return result
    }
}
