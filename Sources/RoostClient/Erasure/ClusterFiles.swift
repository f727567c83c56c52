import Foundation
import GRDB
import RoostCluster
import RoostCore

/// The files of a cluster in which personal data may stand readable, and how it gets out of them.
struct ClusterFiles {
    /// What is not looked through: keys, sockets, and what a restore is about to put in place.
    private static let leftOut = ["vault", "run", "restoring"]
    /// How long a database that is being written may keep its side files.
    private static let waitMax = 50

    let cluster: ClusterDirectory

    /// Every file below the cluster's directory that may hold personal data, by its path below it.
    func all() throws -> [String] {
        guard let paths = FileManager.default.enumerator(atPath: cluster.path) else { return [] }
        return paths.compactMap { $0 as? String }.sorted().filter { path in
            var isDirectory: ObjCBool = false
            let isThere = FileManager.default.fileExists(atPath: "\(cluster.path)/\(path)", isDirectory: &isDirectory)
            return isThere && !isDirectory.boolValue
                && !Self.leftOut.contains(String(path.prefix { $0 != "/" }))
        }
    }

    func databases(in directory: String) throws -> [String] {
        guard FileManager.default.fileExists(atPath: directory) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
            .filter { $0.hasSuffix(".db") }.map { "\(directory)/\($0)" }
    }

    /// Drops the snapshots of these streams; returns how many there were.
    func dropSnapshots(of streams: Set<StreamName>) throws -> Int {
        try databases(in: cluster.snapshots).reduce(0) { dropped, path in
            try dropped
                + change(path) { database in
                    var count = 0
                    for stream in streams {
                        try database.execute(
                            sql: "DELETE FROM snapshots WHERE stream = ?", arguments: [stream.description])
                        count += database.changesCount
                    }
                    return count
                }
        }
    }

    /// Removes the content of public events that came from the subject's and hold its data; numbers and IDs stay.
    func redactFeeds(of subject: String, _ search: PlaintextSearch) throws -> Int {
        try databases(in: cluster.feeds).reduce(0) { redacted, path in
            try redacted + change(path) { try Self.redact(subject, search, $0) }
        }
    }

    private static func redact(_ subject: String, _ search: PlaintextSearch, _ database: Database) throws -> Int {
        let rows = try Row.fetchAll(
            database, sql: "SELECT number, body FROM published WHERE origin = ?", arguments: [subject])
        let holding = rows.filter { row in
            !Array((row["body"] as String).utf8).withUnsafeBytes { search.hits(in: $0) }.isEmpty
        }
        for row in holding {
            try database.execute(
                sql: """
                    UPDATE published SET body = json_set(body, '$.data', json('null'), '$.erased', json('true'))
                    WHERE number = ?
                    """, arguments: [row["number"] as Int64])
        }
        return holding.count
    }

    /// No page of the reactors' databases holds what was deleted from it.
    func cleanReactors() throws {
        for path in try databases(in: cluster.reactors) { _ = try change(path) { _ in 0 } }
    }

    /// One change to a database that its process may be using, with nothing left of it in free pages or in the WAL.
    private func change(_ path: String, _ body: (Database) throws -> Int) throws -> Int {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        let count = try queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA secure_delete=ON")
            var count = 0
            try database.inTransaction {
                count = try body(database)
                return .commit
            }
            try database.execute(sql: "VACUUM")
            try truncateWAL(database, path)
            return count
        }
        try queue.close()
        return count
    }

    private func truncateWAL(_ database: Database, _ path: String) throws {
        for _ in 0..<Self.waitMax {
            let busy = try Row.fetchOne(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")?[0] as Int? ?? 0
            if busy == 0 { return }
            usleep(100_000)
        }
        throw ClientError(
            .notReady, code: "databaseBusy", "\(path) is being read all the time, so its WAL keeps what was deleted",
            hint: "try again")
    }
}
