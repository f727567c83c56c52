import Foundation
import RoostArchive
import RoostCluster
import RoostCore
import RoostLog
import RoostLogSQLite
import RoostNode
import RoostVault

/// What an erasure removes, and how it makes sure that nothing is left.
extension Eraser {
    func clean(_ data: SubjectData, _ subject: String, _ work: inout ErasureWork) async throws {
        report("dropping snapshots")
        work.snapshotsDropped = try files.dropSnapshots(of: data.streams)
        // An aggregate may have been loaded from one of them, or a new one made of it, since keys were let go.
        try vault.askAgain()
        _ = try await waitForAcknowledgements()
        work.snapshotsDropped += try files.dropSnapshots(of: data.streams)
        work.publishedRedacted = try files.redactFeeds(of: [subject])
        work.timersDropped = try files.cleanReactors(of: data.personal)
        try files.redactObserved(data.texts)
        try files.redactParked(data.texts)
        try files.removeBases()
        // What a handler made of a value need not look like it, so every projection that was shown one is made again.
        for projection in client.domain.projections {
            guard !client.storedTypes(projection.routes).isDisjoint(with: data.types) else { continue }
            report("making \(projection.name) again")
            try remake(projection.name)
            work.remade.append(projection.name)
        }
    }

    /// Throws when a file holds a value that only this subject has.
    func scan(_ data: SubjectData, _ subject: String) throws -> [ErasureDocument.Scanned] {
        let search = PlaintextSearch(data.texts)
        var found: [(path: String, bytes: UInt64, hits: Set<String>)] = []
        for path in try files.all() {
            report("searching \(path)")
            let whole = "\(cluster.path)/\(path)"
            // A side file may go while its database is used.
            guard FileManager.default.fileExists(atPath: whole) else { continue }
            found.append((path, try size(of: whole), try search.hits(in: whole)))
        }
        found += try scanArchives(search)
        let hits = found.reduce(into: Set<String>()) { $0.formUnion($1.hits) }
        let shared = hits.isEmpty ? [] : try SubjectData.shared(hits, besides: subject, in: client.log, vault)
        let left = found.filter { !$0.hits.isSubset(of: shared) }.map(\.path)
        guard left.isEmpty else {
            throw ClientError(
                .negative, code: "plaintextFound",
                "'\(subject)' reads as erased now, but its data stands readable in \(left.joined(separator: ", ")); the keys "
                    + "are kept until that is gone",
                hint: "remove these files, or what they hold, then: roost erase \(subject)")
        }
        return found.map { ErasureDocument.Scanned(path: $0.path, bytes: $0.bytes, shared: $0.hits.count) }
    }

    /// What has left the log for archives, unpacked.
    private func scanArchives(
        _ search: PlaintextSearch
    ) throws -> [(path: String, bytes: UInt64, hits: Set<String>)] {
        guard let log = client.log as? SQLiteLog else { return [] }
        let archiver = LogArchiver(of: log)
        let places = ArchivePlaces(directory: cluster.log)
        return try log.identity.placement.partitions.flatMap { partition in
            try archiver.entries(of: partition).map { entry in
                report("searching \(entry.name)")
                var hits: Set<String> = []
                try archiver.read(entry, of: partition) { hits.formUnion(search.hits(in: $0)) }
                return ("\(try places.current(entry.place))/\(entry.name)", UInt64(entry.bytes), hits)
            }
        }
    }

    /// What a restore put aside, and projections that no process keeps up to date, hold what was readable then.
    func refuseLeftovers(_ subject: String) throws {
        let manager = FileManager.default
        let aside = try manager.contentsOfDirectory(atPath: cluster.path).filter {
            $0.hasPrefix(ClusterRestore.asidePrefix)
        }
        let kept = Set(client.domain.allProjections.map { $0.name })
        let unkept = try manager.contentsOfDirectory(atPath: cluster.projections).filter { !kept.contains($0) }
        let left = aside.sorted() + unkept.sorted().map { "projections/\($0)" }
        guard !left.isEmpty else { return }
        throw ClientError(
            .negative, code: "copiesFound",
            "copies of an earlier time are in \(cluster.path), where data of '\(subject)' may stand readable: "
                + left.joined(separator: ", "),
            hint: "remove these directories, then: roost erase \(subject)")
    }

    private func size(of path: String) throws -> UInt64 {
        try FileManager.default.attributesOfItem(atPath: path)[.size] as? UInt64 ?? 0
    }
}
