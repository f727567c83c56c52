import Foundation
import GRDBSQLite
import RoostCluster
import RoostFaults

/// Writes rows to a database on a forgetful disk, and ends: `FILE SYNCHRONOUS killed|killed-at-sync|closed ROWS TALLY`. It says
/// how many rows it sees and how many bytes the run before it lost. Or follows such a database, on a disk without faults:
/// `FILE watch` says what it sees at once, and again for every line it reads.
@main
enum Probe {
    static func main() throws {
        let words = CommandLine.arguments
        if words[2] == "watch" { return try watch(words[1]) }
        try DiskFaults.register()
        try DiskFaults.keepTally(in: words[5])
        let lost = DiskFaults.effects(of: .lostWrites)["lostBytes"] ?? -1
        DiskFaults.apply([FaultSpec(.lostWrites, process: "probe")])
        let writer = try open(words[1])
        run(writer, "PRAGMA journal_mode = WAL; PRAGMA synchronous = \(words[2]); PRAGMA wal_autocheckpoint = 0")
        run(writer, "CREATE TABLE IF NOT EXISTS rows (number)")
        // What was there before is durable, whatever the mode.
        run(writer, "PRAGMA wal_checkpoint(TRUNCATE)")
        for number in 0..<(Int(words[4]) ?? 0) { run(writer, "INSERT INTO rows VALUES (\(number))") }
        let reader = try open(words[1])
        say("\(answer(reader, "SELECT count(*) FROM rows")) \(lost)")
        if words[3] == "killed" { kill(getpid(), SIGKILL) }
        if words[3] == "killed-at-sync" {
            DiskFaults.beforeSync { kill(getpid(), SIGKILL) }
            run(writer, "INSERT INTO rows VALUES (-1)")
        }
        sqlite3_close(reader)
        sqlite3_close(writer)
    }

    private static func watch(_ file: String) throws {
        let reader = try open(file)
        repeat {
            say("\(answer(reader, "SELECT count(*) FROM rows")) \(answer(reader, "PRAGMA integrity_check"))")
        } while readLine() != nil
        sqlite3_close(reader)
    }

    private static func say(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }

    private static func open(_ path: String) throws -> OpaquePointer? {
        var connection: OpaquePointer?
        guard sqlite3_open(path, &connection) == SQLITE_OK else { throw CocoaError(.fileReadUnknown) }
        return connection
    }

    private static func run(_ connection: OpaquePointer?, _ sql: String) {
        precondition(sqlite3_exec(connection, sql, nil, nil, nil) == SQLITE_OK, "\(sql) failed")
    }

    /// The one value that a query gives, or why it gives none.
    private static func answer(_ connection: OpaquePointer?, _ sql: String) -> String {
        var text = ""
        let code = withUnsafeMutablePointer(to: &text) { text in
            sqlite3_exec(
                connection, sql,
                { context, _, values, _ in
                    context?.assumingMemoryBound(to: String.self).pointee +=
                        values?[0].map { String(cString: $0) } ?? ""
                    return 0
                }, text, nil)
        }
        return code == SQLITE_OK ? text : String(cString: sqlite3_errmsg(connection))
    }
}
