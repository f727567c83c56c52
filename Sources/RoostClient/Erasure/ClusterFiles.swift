import Foundation
import GRDB
import RoostCluster
import RoostCore
import RoostNode

/// The files of a cluster in which personal data may stand readable, and how it gets out of them.
struct ClusterFiles {
    /// What is not looked through: the keys, and the sockets of processes.
    private static let leftOut = ["vault", "run"]
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

    /// Removes the content of public events that came from events of these subjects; numbers and IDs stay.
    func redactFeeds(of subjects: [String]) throws -> Int {
        try databases(in: cluster.feeds).reduce(0) { redacted, path in
            try redacted
                + change(path) { database in
                    guard try database.tableExists("published") else { return 0 }
                    return try subjects.reduce(0) { count, subject in
                        try database.execute(
                            sql: """
                                UPDATE published
                                SET body = json_set(body, '$.data', json('null'), '$.erased', json('true'))
                                WHERE origin = ? AND json_extract(body, '$.erased') IS NULL
                                """, arguments: [subject])
                        return count + database.changesCount
                    }
                }
        }
    }

    /// Takes out of reactors what they keep because of these events: timers whose commands carry data, and what refusals say.
    /// Returns how many timers there were.
    func cleanReactors(of events: Set<EventID>) throws -> Int {
        try databases(in: cluster.reactors).reduce(0) { dropped, path in
            try dropped + change(path) { try Self.cleanReactor(events, $0) }
        }
    }

    private static func cleanReactor(_ events: Set<EventID>, _ database: Database) throws -> Int {
        guard try database.tableExists("timers") else { return 0 }
        let ids = Set(events.map(\.description))
        let timers = try Row.fetchAll(database, sql: "SELECT stream, name, cause, payload FROM timers").filter { row in
            ids.contains(row["cause"]) && Array(row["payload"] as Data) != Array("{}".utf8)
        }
        for row in timers {
            try database.execute(
                sql: "DELETE FROM timers WHERE stream = ? AND name = ?",
                arguments: [row["stream"] as String, row["name"] as String])
        }
        for row in try Row.fetchAll(database, sql: "SELECT command, event FROM refusals")
        where ids.contains(row["event"]) {
            try database.execute(
                sql: "UPDATE refusals SET reason = 'erased' WHERE command = ?", arguments: [row["command"] as String])
        }
        return timers.count
    }

    /// Removes the rows that were kept for rebuilds to begin with, of all projections and of earlier revisions of them.
    func removeBases() throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: cluster.projections).sorted() {
            try ProjectionBases(projection: cluster.projection(name)).removeAll()
        }
    }

    /// Leaves out why events are parked or were discarded, where one of these texts stands in it.
    func redactParked(_ texts: some Sequence<String>) throws {
        let search = PlaintextSearch(texts)
        for name in try FileManager.default.contentsOfDirectory(atPath: cluster.projections).sorted() {
            let path = try ProjectionFiles(directory: cluster.projection(name)).currentPath()
            guard FileManager.default.fileExists(atPath: path) else { continue }
            for table in ["roost_parked", "roost_discarded"] { try redact(table, in: path, search) }
        }
    }

    private func redact(_ table: String, in path: String, _ search: PlaintextSearch) throws {
        let reasons = try ReadOnlyDatabase(path: path).snapshot { database in
            try database.has(table) ? try database.rows("SELECT DISTINCT reason FROM \(table)").rows : []
        }.compactMap { $0.first?.text }
        let telling = reasons.filter { !Array($0.utf8).withUnsafeBytes { search.hits(in: $0) }.isEmpty }
        guard !telling.isEmpty else { return }
        _ = try change(path) { database in
            for reason in telling {
                try database.execute(sql: "UPDATE \(table) SET reason = 'erased' WHERE reason = ?", arguments: [reason])
            }
            return telling.count
        }
    }

    /// Leaves out why observed commands were refused, where one of these texts stands in it.
    func redactObserved(_ texts: some Sequence<String>) throws {
        let path = ObservedStore.path(in: cluster.projections)
        guard FileManager.default.fileExists(atPath: path) else { return }
        let search = PlaintextSearch(texts)
        _ = try change(path) { database in
            guard try database.tableExists("rejected") else { return 0 }
            let rows = try Row.fetchAll(database, sql: "SELECT id, reason FROM rejected").filter { row in
                !Array((row["reason"] as String).utf8).withUnsafeBytes { search.hits(in: $0) }.isEmpty
            }
            for row in rows {
                try database.execute(
                    sql: "UPDATE rejected SET reason = 'erased' WHERE id = ?", arguments: [row["id"] as Int64])
            }
            return rows.count
        }
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
