import RoostCluster
import RoostCore
import RoostFaults
import RoostNode
import Synchronization

/// What is broken in this process: read from the cluster's list at the start, and anew whenever that changes.
final class ProcessFaults: Sendable {
    private struct State {
        var version = 0
        var faults: [ActiveFault] = []
        /// What the disk had done when a fault began.
        var before: [Int: [String: Int64]] = [:]
    }

    private let directory: ClusterDirectory
    private let instance: String
    private let state = Mutex(State())

    /// Applies the faults of now. Before the first database is opened: a disk can be broken only from its first file on.
    init(_ instance: String, _ directory: ClusterDirectory) throws {
        self.directory = directory
        self.instance = instance
        if try FaultList.read(directory)?.areAllowed == true {
            try DiskFaults.register()
            try DiskFaults.keepTally(in: directory.run + "/unsynced-\(instance)")
            DiskFaults.beforeSync { Failpoint.beforeSync.reach() }
        }
        try refresh()
    }

    /// Brings this process in line with the list.
    func refresh() throws {
        guard let list = try FaultList.read(directory), list.version > 0 else { return }
        let topology = try ClusterCommands.topology(of: directory)
        let process = topology.instance(named: instance)?.process.name ?? instance
        let faults = list.faults(of: instance, process: process)
        state.withLock { state in
            let known = Set(state.faults.map(\.id))
            // What held when the process started has done all that was done since.
            for fault in faults where state.version > 0 && !known.contains(fault.id) {
                state.before[fault.id] = Self.effects(of: fault.fault.kind)
            }
            state.version = list.version
            state.faults = faults
            DiskFaults.apply(faults.map(\.fault))
            let offsets = faults.filter { $0.fault.kind == .clockOffset }.map(\.fault.clockOffset)
            ThreadClock.putOff(by: offsets.reduce(.zero, +))
        }
    }

    private static func effects(of kind: FaultKind) -> [String: Int64] {
        kind == .clockOffset ? ["readings": ThreadClock.readingsPutOff] : DiskFaults.effects(of: kind)
    }

    /// For the supervisor: which version of the list holds here, and what its faults have done in this run.
    var counters: [String: Int64] {
        state.withLock { state in
            guard state.version > 0 else { return [:] }
            var counters = [FaultCounters.version: Int64(state.version)]
            for fault in state.faults {
                for (name, count) in Self.effects(of: fault.fault.kind) {
                    counters[FaultCounters.name(fault.id, name)] =
                        count - state.before[fault.id, default: [:]][name, default: 0]
                }
            }
            return counters
        }
    }
}
