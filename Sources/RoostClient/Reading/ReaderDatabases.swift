import Foundation
package import RoostCluster
package import RoostCore
package import RoostNode

/// Where the databases beside the log are, and what they say: projections, reactors, snapshots.
package struct ReaderDatabases: Sendable {
    /// `<cluster>/projections`
    package let projections: String
    /// `<cluster>/reactors`
    package let reactors: String
    /// `<cluster>/snapshots`
    package let snapshots: String
    /// `<cluster>/feeds`
    package let feeds: String

    package init(projections: String, reactors: String, snapshots: String, feeds: String) {
        self.projections = projections
        self.reactors = reactors
        self.snapshots = snapshots
        self.feeds = feeds
    }

    /// Those of a cluster.
    package init(_ cluster: ClusterDirectory) {
        self.init(
            projections: cluster.projections, reactors: cluster.reactors, snapshots: cluster.snapshots,
            feeds: cluster.feeds)
    }

    /// What processes were observed doing.
    package var observed: ObservedReader { ObservedReader(projections: projections) }

    /// Where the events of chains are.
    package var index: TraceIndexReader { TraceIndexReader(projections: projections) }

    /// The database of a reactor.
    package func reactor(_ name: String) -> ReactorFile { ReactorFile(name, in: reactors) }

    /// The snapshots of a partition; none before the first was made.
    package func snapshots(of partition: PartitionID) throws -> [SnapshotEntry] {
        try SnapshotStore.list(path: SnapshotStore.path(in: snapshots, of: partition)) ?? []
    }

    /// The files of a projection.
    func directory(ofProjection name: String) -> String { "\(projections)/\(name)" }

    /// The database that answers queries now; nil before the projection has made one.
    package func path(ofProjection name: String) throws -> String? {
        let path = try ProjectionFiles(directory: directory(ofProjection: name)).currentPath()
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }

    /// The rows that were kept for rebuilds of a projection to begin with.
    func bases(ofProjection name: String) -> ProjectionBases {
        ProjectionBases(projection: directory(ofProjection: name))
    }

    /// Runs `body` on the current database of a projection; nil before it has made one.
    ///
    /// A swap may take the file away between reading the pointer and opening it, so a failure is tried once more. With
    /// `file` that database is read, which must be one of the same projection.
    package func read<Result>(
        projection name: String, in file: String? = nil, _ body: (borrowing ReadOnlyDatabase) throws -> Result
    ) throws -> Result? {
        if let file { return try read(projection: name, kept: file, body) }
        guard let path = try path(ofProjection: name) else { return nil }
        do {
            return try ReadOnlyDatabase(path: path).snapshot(body)
        } catch let error as TableError {
            guard let newer = try self.path(ofProjection: name), newer != path else { throw error }
            return try ReadOnlyDatabase(path: newer).snapshot(body)
        }
    }

    private func read<Result>(
        projection name: String, kept file: String, _ body: (borrowing ReadOnlyDatabase) throws -> Result
    ) throws -> Result {
        guard FileManager.default.fileExists(atPath: file) else {
            throw ClientError(
                .notFound, code: "unknownFile", "there is no file \(file)",
                hint: "roost rebuild \(name) --until TIME --into \(file)")
        }
        return try ReadOnlyDatabase(path: file).snapshot { database in
            let tables = try database.rows("SELECT 1 FROM sqlite_master WHERE name = 'roost_meta'")
            let found =
                tables.rows.isEmpty
                ? nil : try database.rows("SELECT value FROM roost_meta WHERE key = 'name'").rows.first?.first?.text
            guard found == name else {
                throw ClientError(
                    .usage, code: "otherProjection", "\(file) holds \(found.map { "'\($0)'" } ?? "no projection")",
                    hint: "roost rebuild \(name) --until TIME --into FILE makes one of '\(name)'")
            }
            return try body(database)
        }
    }

    /// The checkpoints of a projection; nil before it has a database.
    package func progress(ofProjection name: String) throws -> [PartitionID: RoostNode.Progress]? {
        try read(projection: name) { try $0.progress() }
    }

    /// The checkpoints of a feed; nil before it has a database.
    package func progress(ofFeed name: String) throws -> [PartitionID: RoostNode.Progress]? {
        let path = "\(feeds)/\(name).db"
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        return try ReadOnlyDatabase(path: path).progress()
    }

    /// What a feed has published after a number, and its newest number.
    package func published(
        by feed: String, after number: UInt64, limit: Int
    ) throws -> (entries: [FeedEntry], newest: UInt64) {
        let path = "\(feeds)/\(feed).db"
        guard FileManager.default.fileExists(atPath: path) else { return ([], 0) }
        return try ReadOnlyDatabase(path: path).snapshot { database in
            let tables = try database.rows("SELECT 1 FROM sqlite_master WHERE name = 'published'")
            guard !tables.rows.isEmpty else { return ([], 0) }
            let newest = try database.rows("SELECT coalesce(max(number), 0) FROM published").rows.first?.first?.integer
            let rows = try database.rows(
                "SELECT \(FeedEntry.columns) FROM published WHERE number > :after ORDER BY number LIMIT \(limit)",
                ["after": .integer(Int64(clamping: number))]
            ).rows
            return (rows.map { FeedEntry(row: $0) }, UInt64(newest ?? 0))
        }
    }
}
