import Foundation

extension ClusterCommands {
    /// Returns when every process is ready. Throws, naming the process and what it waits for, when that takes too
    /// long (exit 3), and at once when a process has failed for good or the supervisor is gone.
    public static func waitUntilReady(
        _ directory: ClusterDirectory, timeout: Duration, onChange: (ClusterState) -> Void = { _ in }
    ) throws(ClusterError) -> ClusterState {
        let deadline = ContinuousClock.now + timeout
        var last: ClusterState?
        while true {
            guard let running = try Clusters.running(directory) else {
                throw ClusterError(
                    .wrongState, "cluster '\(directory.name)' does not run",
                    next: "see \(directory.logFile(of: "supervisor"))")
            }
            let state = running.state
            if state != last { onChange(state) }
            last = state
            if state.isReady { return state }
            try refuseFailed(state, directory)
            guard ContinuousClock.now < deadline else { throw notReady(state, directory, timeout) }
            Pause.short()
        }
    }

    /// Stops a cluster and returns when its supervisor and so all its processes are gone.
    public static func down(
        _ running: Clusters.Running, timeout: Duration = .seconds(120), onChange: (ClusterState) -> Void = { _ in }
    ) throws(ClusterError) {
        let supervisor = running.state.supervisor
        guard supervisor.isAlive, kill(supervisor.pid, SIGTERM) == 0 else {
            throw ClusterError(.wrongState, "cluster '\(running.directory.name)' does not run", next: "roost up FILE")
        }
        let deadline = ContinuousClock.now + timeout
        var last: ClusterState?
        while supervisor.isAlive {
            if let state = try ClusterState.read(running.directory), state != last {
                onChange(state)
                last = state
            }
            guard ContinuousClock.now < deadline else {
                let left = last?.processes.filter { $0.pid != nil }.map(\.name).joined(separator: ", ") ?? "?"
                throw ClusterError(
                    .notReady, "still stopping after \(DurationText.text(timeout)): \(left)", next: "roost down, again")
            }
            Pause.short()
        }
    }

    private static func refuseFailed(_ state: ClusterState, _ directory: ClusterDirectory) throws(ClusterError) {
        guard let failed = state.processes.first(where: { $0.state == .failed }) else { return }
        throw ClusterError(
            .notReady, "\(failed.name) has failed: \(failed.lastExit?.reason ?? "no reason given")",
            next: "roost logs \(failed.name), then roost restart \(failed.name)")
    }

    private static func notReady(
        _ state: ClusterState, _ directory: ClusterDirectory, _ timeout: Duration
    ) -> ClusterError {
        let waiting = state.processes.filter { !$0.ready && !$0.isTemporary }.map { process in
            "\(process.name) (\(process.state.rawValue)) waits for \(process.waitingFor ?? "nothing; it was stopped")"
        }
        return ClusterError(
            .notReady, "not ready in \(DurationText.text(timeout)): \(waiting.joined(separator: "; "))",
            next: "roost ps, or roost logs")
    }
}
