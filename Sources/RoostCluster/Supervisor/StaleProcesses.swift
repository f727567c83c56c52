import Foundation

/// Ends what a supervisor left behind that was killed before its children noticed.
enum StaleProcesses {
    private static let waitMax = Duration.seconds(10)

    /// Kills the processes of the last state that still run, and returns when they are gone.
    ///
    /// A process ID alone proves nothing, so one is killed only if it started when the state says it did.
    static func end(of directory: ClusterDirectory) throws(ClusterError) {
        guard let state = try ClusterState.read(directory) else { return }
        let stale = state.processes.compactMap { process -> ProcessIdentity? in
            guard let pid = process.pid, let startTime = process.startTime, startTime > 0 else { return nil }
            return ProcessIdentity(pid: pid, startTime: startTime)
        }.filter(\.isAlive)
        for process in stale { kill(-process.pid, SIGKILL) }
        let deadline = ContinuousClock.now + waitMax
        while let left = stale.first(where: \.isAlive) {
            guard ContinuousClock.now < deadline else {
                throw ClusterError(
                    .failed, "process \(left.pid) of an earlier run cannot be ended", next: "roost doctor")
            }
            Pause.short()
        }
    }
}

/// The wait between two looks at something that cannot announce its change.
enum Pause {
    static func short() { usleep(5000) }
}
