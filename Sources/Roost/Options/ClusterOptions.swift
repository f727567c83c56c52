import ArgumentParser
import Foundation
import RoostClient
import RoostCluster
import RoostLog

/// Which cluster a command is about.
struct ClusterOptions: ParsableArguments {
    @Option(name: [.short, .long], help: "The cluster; needed only when there are several.")
    var cluster: String?

    /// Where clusters live.
    static var root: String { ClusterDirectory.root(environment: ProcessInfo.processInfo.environment) }

    /// A cluster that runs.
    func running() throws -> Clusters.Running { try Clusters.find(name: cluster, root: Self.root) }

    /// A cluster on disk, whether it runs or not.
    func located() throws -> ClusterDirectory { try Clusters.locate(name: cluster, root: Self.root) }

    /// Its log, for reading.
    func log() throws -> any EventLog { try ClusterClient.openLog(try located()) }

    /// Opens the cluster: a running one to send commands to, any one to read.
    func withClient<Result: Sendable>(
        sending: Bool = false, _ body: (ClusterClient) async throws -> Result
    ) async throws -> Result {
        let directory = sending ? try running().directory : try located()
        return try await ClusterClient.withCluster(
            directory, domain: CommandLineRunner.domain, sending: sending, body)
    }
}
