import Foundation
import GRDBSQLite
import RoostCluster
import RoostFaults

/// Writes rows to a database on a forgetful disk, and ends: `FILE SYNCHRONOUS killed|closed ROWS`.
@main
enum Probe {
    static func main() throws {
        let words = CommandLine.arguments
        try DiskFaults.register()
        DiskFaults.apply([FaultSpec(.lostWrites, process: "probe")])
        let writer = try open(words[1])
        run(writer, "PRAGMA journal_mode = WAL; PRAGMA synchronous = \(words[2]); PRAGMA wal_autocheckpoint = 0")
        run(writer, "CREATE TABLE IF NOT EXISTS rows (number)")
        // What was there before is durable, whatever the mode.
        run(writer, "PRAGMA wal_checkpoint(TRUNCATE)")
        for number in 0..<(Int(words[4]) ?? 0) { run(writer, "INSERT INTO rows VALUES (\(number))") }
        let reader = try open(words[1])
        var seen = -1
        sqlite3_exec(
            reader, "SELECT count(*) FROM rows",
            { context, _, values, _ in
                let text = values?[0].map { String(cString: $0) } ?? ""
                context?.assumingMemoryBound(to: Int.self).pointee = Int(text) ?? -1
                return 0
            }, &seen, nil)
        FileHandle.standardOutput.write(Data("\(seen)\n".utf8))
        if words[3] == "killed" { kill(getpid(), SIGKILL) }
        sqlite3_close(reader)
        sqlite3_close(writer)
    }

    private static func open(_ path: String) throws -> OpaquePointer? {
        var connection: OpaquePointer?
        guard sqlite3_open(path, &connection) == SQLITE_OK else { throw CocoaError(.fileReadUnknown) }
        return connection
    }

    private static func run(_ connection: OpaquePointer?, _ sql: String) {
        precondition(sqlite3_exec(connection, sql, nil, nil, nil) == SQLITE_OK, "\(sql) failed")
    }
}
