import Foundation
import GRDBSQLite
import RoostCore
import RoostLog
import RoostLogSQLite
import RoostTesting

/// A log in a directory of its own, which goes away with it. Works on partition 2, which holds all `stock/…`.
final class LogOnDisk: Sendable {
    static let partition = PartitionID(2)
    let path: String
    let log: SQLiteLog

    init(at path: String = LogOnDisk.newPath()) throws {
        self.path = path
        log = try SQLiteLog.create(at: path, identity: .sample())
    }

    /// A copy of a log that nobody has open for writing.
    init(copying other: LogOnDisk) throws {
        path = LogOnDisk.newPath()
        try FileManager.default.copyItem(atPath: other.path, toPath: path)
        log = try SQLiteLog.open(at: path)
    }

    deinit { _ = try? FileManager.default.removeItem(atPath: path) }

    static func newPath() -> String { "\(NSTemporaryDirectory())roost-log-\(UUID().uuidString)" }

    var partitionPath: String { "\(path)/partition-00000002.db" }
    var reader: any PartitionReader { get throws { try log.reader(Self.partition) } }

    func claim(_ number: UInt64 = 1) async throws -> any PartitionWriter {
        try await log.claim(Self.partition, .sample(number))
    }

    /// The same log, opened anew.
    func reopened() throws -> SQLiteLog { try SQLiteLog.open(at: path) }

    /// Holds the lock of writers while `body` runs, as a process does that is about to commit.
    func whileLocked<Result>(_ body: () async throws -> Result) async throws -> Result {
        var database: OpaquePointer?
        defer { sqlite3_close(database) }
        let code = sqlite3_open_v2(partitionPath, &database, SQLITE_OPEN_READWRITE, nil)
        guard code == SQLITE_OK, sqlite3_exec(database, "BEGIN IMMEDIATE", nil, nil, nil) == SQLITE_OK else {
            throw CocoaError(.fileLocking)
        }
        return try await body()
    }

    /// Runs SQL on the partition's file behind the log's back. Returns the message of the error, if there is one.
    func sql(_ text: String) -> String? {
        var database: OpaquePointer?
        defer { sqlite3_close(database) }
        guard sqlite3_open_v2(partitionPath, &database, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK else {
            return "cannot open \(partitionPath)"
        }
        let result = sqlite3_exec(database, text, nil, nil, nil)
        return result == SQLITE_OK ? nil : String(cString: sqlite3_errmsg(database))
    }
}

extension PartitionWriter {
    /// Appends batches of 512 one-event commands to `streams` streams, up to `count` events.
    func fill(_ count: Int, streams: Int = 1000, prefix: String = "c") async throws {
        for start in stride(from: 0, to: count, by: 512) {
            let batch = AppendBatch()
            for number in start..<min(start + 512, count) {
                batch.add(
                    .sample(
                        to: "stock/\(number % streams)", command: "\(prefix)\(number)",
                        type: number % 3 == 0 ? "Third" : "Other", correlation: UInt64(number / 2)))
            }
            try await append(batch, at: Timestamp(seconds: 1_700_000_000))
        }
    }

    /// The same, as a host does it that has compared every command ID with its stream itself.
    func fillCompared(_ count: Int, streams: Int) async throws {
        for start in stride(from: 0, to: count, by: 512) {
            let batch = AppendBatch()
            for number in start..<min(start + 512, count) {
                var proposal = Proposal.sample(to: "stock/\(number % streams)", command: "b\(number)")
                proposal.comparedThrough = StreamVersion(UInt64(number / streams))
                batch.add(proposal)
            }
            try await append(batch, at: Timestamp(seconds: 1_700_000_000))
        }
    }
}
