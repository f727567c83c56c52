import Foundation
package import RoostCluster
import RoostCore
import RoostLog
import RoostLogSQLite
package import RoostVault

/// The erasures of a vault, applied to databases that come from before them: after a restore of the log, or of the vault.
package enum Erasures {
    /// Empties what feeds have published of erased subjects, and takes it out of reactors. `cluster` is where the databases and
    /// the log are; nothing else may use them.
    package static func apply(_ vault: Vault, to cluster: ClusterDirectory) throws {
        let subjects = Set(try vault.erasedSubjects())
        guard !subjects.isEmpty else { return }
        var personal: Set<EventID> = []
        try SubjectData.forEachEvent(of: try SQLiteLog.open(at: cluster.log), { _ in }) { event in
            guard let subject = event.subject, subjects.contains(subject) else { return }
            let found = try event.payload.withUnsafeBytes { try vault.values(in: $0, of: event.eventID) }
            if found.isPersonal { personal.insert(event.eventID) }
        }
        let files = ClusterFiles(cluster: cluster)
        _ = try files.redactFeeds(of: subjects.sorted())
        _ = try files.cleanReactors(of: personal)
    }
}
