import Foundation
import RoostArchive
import RoostCore
import RoostLog

@testable import RoostLogSQLite

/// A log that archives at once whatever may be archived: of every partition only the newest commit stays in its file.
final class ArchivingLog: EventLog {
    let disk: LogOnDisk
    private let log: SQLiteLog
    var identity: LogIdentity { log.identity }

    init(_ disk: LogOnDisk, reopened log: SQLiteLog? = nil) {
        self.disk = disk
        self.log = log ?? disk.log
    }

    func claim(_ partition: PartitionID, _ claim: Claim) async throws(EventLogError) -> any PartitionWriter {
        ArchivingWriter(try await log.claim(partition, claim), disk)
    }

    func reader(_ partition: PartitionID) throws(EventLogError) -> any PartitionReader { try log.reader(partition) }
}

private final class ArchivingWriter: PartitionWriter {
    private let writer: any PartitionWriter
    private let disk: LogOnDisk
    var partition: PartitionID { writer.partition }
    var epoch: Epoch { writer.epoch }
    var head: Position { writer.head }

    init(_ writer: any PartitionWriter, _ disk: LogOnDisk) {
        self.writer = writer
        self.disk = disk
    }

    func append(_ batch: AppendBatch, at now: Timestamp) async throws(EventLogError) {
        try await writer.append(batch, at: now)
        do {
            try await disk.archive(partition, with: writer)
        } catch {
            throw EventLogError(.corrupt, "archiving failed", cause: error)
        }
    }

    func confirmEpoch() async throws(EventLogError) { try await writer.confirmEpoch() }
    func close() async { await writer.close() }
}

extension LogOnDisk {
    var archivePath: String { path + "/archive" }

    /// Archives all of a partition but its newest commit, or what was recorded before `time`.
    @discardableResult
    func archive(
        _ partition: PartitionID = LogOnDisk.partition, before time: Timestamp = Timestamp(nanoseconds: .max),
        to place: (any ArchivePlace)? = nil, with writer: any PartitionWriter
    ) async throws -> [ArchiveEntry] {
        let archiver = LogArchiver(of: log)
        guard let range = try archiver.range(of: partition, before: time) else { return [] }
        let entries = try archiver.write(
            range, to: place ?? DirectoryPlace(path: archivePath), report: { _ in }, stored: {})
        try archiver.order(entries, range)
        try log.admitArchives(partition)
        while try await writer.tend() {}
        let progress = try archiver.progress(of: range, entries)
        guard progress == .taken(rowsLeft: 0) else { throw EventLogError(.corrupt, "\(progress)") }
        try archiver.clean(partition) { address throws(EventLogError) in DirectoryPlace(path: address) }
        return entries
    }

    /// The position of the first event in the partition's file.
    func firstRow() throws -> Position {
        try (reader as? SQLiteReader)?.read { reader throws(SQLiteFailure) in
            Position(try reader.connection.number("SELECT min(position) FROM events") ?? 0)
        } ?? .start
    }
}
