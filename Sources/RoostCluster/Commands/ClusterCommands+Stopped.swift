import Foundation

extension ClusterCommands {
    /// Runs `body` while no supervisor can start in the directory. Throws `wrongState` when one runs.
    package static func whileStopped<Result>(
        _ directory: ClusterDirectory, _ body: () throws -> Result
    ) throws -> Result {
        let lock = try lock(directory)
        return try withExtendedLifetime(lock) { try body() }
    }

    /// The same for a body that waits.
    package static func whileStopped<Result>(
        _ directory: ClusterDirectory, _ body: () async throws -> Result
    ) async throws -> Result {
        let lock = try lock(directory)
        defer { withExtendedLifetime(lock) {} }
        return try await body()
    }

    private static func lock(_ directory: ClusterDirectory) throws -> ClusterLock {
        try directory.create()
        guard let lock = try ClusterLock.take(directory) else {
            throw ClusterError(
                .wrongState, "cluster '\(directory.name)' runs", next: "roost down --cluster \(directory.name)")
        }
        try StaleProcesses.end(of: directory)
        return lock
    }
}
