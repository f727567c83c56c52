import CSQLiteFaults
import Foundation
package import RoostCluster

/// What faults do to the disk as this process sees it: a layer between SQLite and the files of the system.
///
/// It is about databases and their write-ahead logs. What is written in other ways, such as logs and states, and what
/// other processes write, passes untouched. A process has one disk: of two faults of a kind the worse one holds.
package enum DiskFaults {
    /// Puts the layer in; before the first database is opened.
    package static func register() throws(DiskFaultError) {
        let code = roost_disk_register()
        guard code == 0 else { throw DiskFaultError(code: code) }
    }

    /// Keeps in `file` what is written and not synced: so the next process with that file knows what this one has lost.
    package static func keepTally(in file: String) throws(DiskFaultError) {
        let code = roost_disk_keep_tally(file)
        guard code == 0 else { throw DiskFaultError(code: code, file: file) }
    }

    /// Calls `body` whenever something that the disk would lose is about to be synced.
    package static func beforeSync(_ body: @escaping @convention(c) () -> Void) { roost_disk_before_sync(body) }

    /// From now on these faults hold, of whatever kind; those of the disk are carried out.
    package static func apply(_ faults: [FaultSpec]) {
        var disk = roost_disk_faults()
        for fault in faults {
            switch fault.kind {
            case .fullDisk: disk.is_full = 1
            case .lostWrites: disk.loses_unsynced = 1
            case .failingSync: disk.failing_syncs = max(disk.failing_syncs, UInt32(fault.ratePerMillion))
            case .slowDisk:
                disk.delay = max(disk.delay, microseconds(fault.delay))
                disk.jitter = max(disk.jitter, microseconds(fault.jitter))
            default: continue
            }
            disk.seed = fault.seed
        }
        roost_disk_set(&disk)
    }

    /// What a fault of a kind has done since the process started, by name.
    package static func effects(of kind: FaultKind) -> [String: Int64] {
        let effects = roost_disk_effects_now()
        switch kind {
        case .fullDisk: return ["refusedWrites": Int64(clamping: effects.refused_writes)]
        case .lostWrites:
            return [
                "heldWrites": Int64(clamping: effects.held_writes), "lostBytes": Int64(clamping: effects.lost_bytes),
            ]
        case .failingSync: return ["failedSyncs": Int64(clamping: effects.failed_syncs)]
        case .slowDisk: return ["delayedCalls": Int64(clamping: effects.delayed_calls)]
        default: return [:]
        }
    }

    private static func microseconds(_ duration: Duration) -> UInt32 {
        UInt32(clamping: Int64(duration / .microseconds(1)))
    }
}

/// The layer could not be put in.
package struct DiskFaultError: Error, CustomStringConvertible {
    /// Of SQLite, or of the system where there is a file.
    let code: Int32
    var file: String?

    package var description: String {
        let problem = file.map { "\($0): \(String(cString: strerror(code)))" } ?? "SQLite said \(code)"
        return "faults of disks cannot be made possible: \(problem); start the cluster without --faults"
    }
}
