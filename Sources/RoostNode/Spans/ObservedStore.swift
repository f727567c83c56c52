import Foundation
import GRDB
package import RoostCore
import RoostTrace

/// What processes were seen doing: spans and refused commands, in a database beside that of the trace index.
///
/// A rebuild of the index leaves it alone. It is bounded: beyond `Limits` the oldest entries are removed and counted, as is
/// everything that is known to be missing. Lost, it begins anew: nothing but what was observed is in it.
package final class ObservedStore {
    package struct Limits: Sendable {
        package var spansMax: Int64 = 500_000
        package var rejectedMax: Int64 = 50_000
        /// Of what the live check has found; more are told and not kept.
        package var findingsMax: Int64 = 10_000
        package init() {}
    }

    let queue: DatabaseQueue
    let limits: Limits

    /// The file beside the generations of the index.
    package static func path(in projections: String) -> String { "\(projections)/\(TraceIndex.name)/observed.db" }

    /// Opens or makes it, and makes it anew where it cannot be read: the old one is kept beside it as `observed.broken.db`.
    package static func open(path: String, logID: LogID) throws -> sending ObservedStore {
        do {
            return try ObservedStore(path: path, logID: logID)
        } catch let error as DatabaseError where [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode) {
            let broken = path.replacing(/\.db$/, with: ".broken.db")
            for file in [broken, path + "-wal", path + "-shm"] { try FileManager.default.removeIfThere(file) }
            try FileManager.default.moveItem(atPath: path, toPath: broken)
            return try ObservedStore(path: path, logID: logID)
        }
    }

    /// Opens or makes it. What was observed of another log is removed.
    package init(path: String, logID: LogID, limits: Limits = Limits()) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        self.limits = limits
        queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL")
            try database.inTransaction {
                try database.execute(sql: Self.schema)
                try Self.keep(logID, database)
                return .commit
            }
        }
    }

    package func close() throws { try queue.close() }

    /// Stores reports in one transaction, and removes what is too old to be kept.
    package func store(_ reports: [SpanReport]) throws {
        try queue.write { database in
            for report in reports { try Self.store(report, database) }
            try trim("spans", to: limits.spansMax, database)
            try trim("rejected", to: limits.rejectedMax, database)
        }
    }

    private static func keep(_ logID: LogID, _ database: Database) throws {
        let known = try String.fetchOne(database, sql: "SELECT value FROM meta WHERE key = 'log'")
        guard known != logID.description else { return }
        for table in ["spans", "rejected", "senders", "findings", "due", "watched", "looks", "meta"] {
            try database.execute(sql: "DELETE FROM \(table)")
        }
        try database.execute(sql: "INSERT INTO meta VALUES('log', ?)", arguments: [logID.description])
    }

    private static func store(_ report: SpanReport, _ database: Database) throws {
        try note(report, database)
        let spans = try database.cachedStatement(sql: "INSERT INTO spans VALUES(NULL,?,?,?,?,?,?,?,?,?,?)")
        for span in report.spans {
            try spans.execute(arguments: [
                report.process, span.work.rawValue, Int64(span.partition.rawValue), Int64(span.first.rawValue),
                Int64(span.last.rawValue), span.start.nanoseconds, span.end.nanoseconds, span.queued, span.isFromLog,
                span.retries,
            ])
        }
        let rejected = try database.cachedStatement(sql: "INSERT INTO rejected VALUES(NULL,?,?,?,?,?,?,?,?,?,?)")
        for command in report.rejected {
            try rejected.execute(arguments: [
                report.process, command.at.nanoseconds, Int64(command.partition.rawValue), command.stream,
                command.command, command.commandID, command.correlationID?.description,
                command.causationID?.description, command.code, command.reason,
            ])
        }
    }

    /// Counts the reports of this run that never came, and what it dropped itself.
    private static func note(_ report: SpanReport, _ database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO senders VALUES(:process, :incarnation, :number, :number - 1, :dropped)
                ON CONFLICT(process) DO UPDATE SET
                    lost = lost + CASE WHEN incarnation = :incarnation THEN max(0, :number - number - 1) ELSE :number - 1 END,
                    dropped = CASE WHEN incarnation = :incarnation THEN max(dropped, :dropped) ELSE dropped + :dropped END,
                    incarnation = :incarnation, number = :number
                """,
            arguments: [
                "process": report.process, "incarnation": report.incarnation.description,
                "number": Int64(clamping: report.number), "dropped": Int64(clamping: report.dropped),
            ])
    }

    private func trim(_ table: String, to rows: Int64, _ database: Database) throws {
        try database.execute(
            sql: "DELETE FROM \(table) WHERE id <= (SELECT max(id) FROM \(table)) - ?", arguments: [rows])
        guard database.changesCount > 0 else { return }
        try database.execute(
            sql: """
                INSERT INTO meta VALUES(:key, :count)
                ON CONFLICT(key) DO UPDATE SET value = CAST(value AS INTEGER) + CAST(:count AS INTEGER)
                """, arguments: ["key": "removed.\(table)", "count": database.changesCount])
    }

    private static let schema = """
        CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS senders(process TEXT PRIMARY KEY, incarnation TEXT NOT NULL,
            number INTEGER NOT NULL, lost INTEGER NOT NULL, dropped INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS spans(id INTEGER PRIMARY KEY AUTOINCREMENT, process TEXT NOT NULL, work TEXT NOT NULL,
            partition INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, start INTEGER NOT NULL,
            end INTEGER NOT NULL, queued INTEGER NOT NULL, fromLog INTEGER NOT NULL, retries INTEGER NOT NULL);
        CREATE INDEX IF NOT EXISTS spansByPlace ON spans(process, partition, last);
        CREATE TABLE IF NOT EXISTS rejected(id INTEGER PRIMARY KEY AUTOINCREMENT, process TEXT NOT NULL,
            at INTEGER NOT NULL, partition INTEGER NOT NULL, stream TEXT NOT NULL, command TEXT NOT NULL,
            commandID TEXT NOT NULL, correlation TEXT, cause TEXT, code TEXT NOT NULL, reason TEXT NOT NULL);
        CREATE INDEX IF NOT EXISTS rejectedByChain ON rejected(correlation) WHERE correlation IS NOT NULL;
        CREATE INDEX IF NOT EXISTS rejectedByCommand ON rejected(commandID);
        CREATE TABLE IF NOT EXISTS findings(id TEXT PRIMARY KEY, kind TEXT NOT NULL, correlation TEXT NOT NULL,
            found INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS findingsByChain ON findings(correlation);
        CREATE TABLE IF NOT EXISTS due(
            correlation TEXT PRIMARY KEY, at INTEGER NOT NULL, tries INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS dueByTime ON due(at);
        CREATE TABLE IF NOT EXISTS looks(id INTEGER PRIMARY KEY, at INTEGER NOT NULL, behind INTEGER NOT NULL);
        CREATE TABLE IF NOT EXISTS watched(partition INTEGER PRIMARY KEY, position INTEGER NOT NULL);
        """
}
