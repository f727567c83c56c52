import Foundation
package import RoostArchive
package import RoostCore
package import RoostLog

/// Writes closed ranges of a log to archives and hands them to the owners of the partitions.
///
/// An archive is read back from its place and compared with the log, event by event and byte by byte, before its owner
/// hears of it; only the owner then lets go of the rows. Every step can be repeated after a crash at any point.
package struct LogArchiver {
    /// What will be archived of a partition.
    package struct Range: Sendable {
        package let partition: PartitionID
        package let first: Position
        package let last: Position
        let digestBefore: [UInt8]
        let digest: [UInt8]
        package var events: UInt64 { last.rawValue - first.rawValue + 1 }
    }

    /// An archive ends with the commit that reaches so many events, or before the first of another day.
    private static let eventsMax: UInt64 = 65_536
    private let log: SQLiteLog

    package init(of log: SQLiteLog) { self.log = log }

    /// What was recorded before `time` and is not archived; nil when that is nothing. The newest commit always stays.
    package func range(of partition: PartitionID, before time: Timestamp) throws(EventLogError) -> Range? {
        try read(partition) { reader throws(SQLiteFailure) in
            let through = try reader.archived.through()
            let ends = try reader.connection.prepare(
                """
                SELECT last FROM commits WHERE recorded < ? AND last < (SELECT max(last) FROM commits)
                ORDER BY last DESC LIMIT 1
                """)
            ends.bind(1, time.nanoseconds)
            guard try ends.step(), Position(ends.unsigned(0)) > through,
                let end = try reader.commits.holding(Position(ends.unsigned(0)))
            else { return nil }
            let before = through == .start ? nil : try reader.commits.holding(through)
            return Range(
                partition: partition, first: through.next, last: end.last, digestBefore: before?.digest ?? [],
                digest: end.digest)
        }
    }

    /// Writes the archives of a range and verifies them. `report` gets the position that is done; `stored` is called after
    /// each archive.
    package func write(
        _ range: Range, to place: any ArchivePlace, report: (Position) -> Void, stored: () -> Void
    ) throws -> [ArchiveEntry] {
        var entries: [ArchiveEntry] = []
        var (position, digest) = (Position(range.first.rawValue - 1), range.digestBefore)
        while position < range.last {
            let file = try build(range, after: position, digest)
            entries.append(try store(file, to: place))
            stored()
            position = file.manifest.last
            digest = try read(range.partition) { reader throws(SQLiteFailure) in
                try reader.commits.holding(position)?.digest ?? []
            }
            report(position)
        }
        return entries
    }

    /// Leaves the archives for the owner of the partition.
    package func order(_ entries: [ArchiveEntry], _ range: Range) throws(EventLogError) {
        try ArchiveOrder(entries, digest: Hexadecimal.text(range.digest)).place(log.file(range.partition))
    }

    /// Whether the owner of a partition has an order left to carry out.
    package func isPending(_ partition: PartitionID) throws(EventLogError) -> Bool {
        ArchiveOrder.isPending(try log.file(partition))
    }

    /// How far the owner has come.
    package enum Progress: Equatable, Sendable {
        case waiting
        /// The log reads the archives; so many of their rows are still in the file.
        case taken(rowsLeft: UInt64)
        case refused(String)
    }

    package func progress(of range: Range) throws(EventLogError) -> Progress {
        if let refusal = try ArchiveOrder.refusal(log.file(range.partition)) { return .refused(refusal) }
        return try read(range.partition) { reader throws(SQLiteFailure) in
            guard try reader.archived.through() >= range.last else { return .waiting }
            let first = try reader.connection.number("SELECT min(position) FROM events") ?? 0
            return .taken(rowsLeft: range.last.rawValue >= first ? range.last.rawValue - first + 1 : 0)
        }
    }

    /// Owns the partition for as long as it takes to carry out what waits for its owner. Only while nobody else has the log
    /// open for writing, as `compact`.
    package func carryOut(_ partition: PartitionID, as claim: Claim) async throws(EventLogError) {
        let writer = try await log.claim(partition, claim)
        while try await writer.tend() {}
        await writer.close()
    }

    /// Gives the space of deleted rows back to the file system where there is much of it. Returns how many bytes that was.
    package func compact(_ partition: PartitionID) throws(EventLogError) -> UInt64 {
        try log.file(partition).compact()
    }

    /// All archives of a partition, in order.
    package func entries(of partition: PartitionID) throws(EventLogError) -> [ArchiveEntry] {
        try read(partition) { reader throws(SQLiteFailure) in try reader.archived.entries() }
    }

    /// Throws unless the files of an archive are in `place` as they were.
    package func check(
        _ entry: ArchiveEntry, of partition: PartitionID, in place: any ArchivePlace
    ) throws(EventLogError) {
        let reader = ArchiveReader(
            log: log.identity.id, partition: partition, places: ArchivePlaces(directory: nil))
        try reader.forEachBlock(of: ArchiveEntry(entry, place: place.address)) { _ in }
    }

    /// The lines of an archive, some at a time, each checked by its digest.
    package func read(
        _ entry: ArchiveEntry, of partition: PartitionID, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(EventLogError) {
        let reader = try log.file(partition).archiveReader()
        try reader.forEachBlock(of: entry) { block in unsafe block.text.withUnsafeBytes { unsafe body($0) } }
    }

    private func build(_ range: Range, after position: Position, _ digest: [UInt8]) throws -> ArchiveFile {
        var builder = ArchiveBuilder(
            log: log.identity.id, partition: range.partition, after: position, digestBefore: digest)
        var day: String?
        var end: CommitRecord?
        reading: while builder.last < range.last {
            let after = builder.last
            let (page, commits) = try read(range.partition) { reader throws(SQLiteFailure) in
                let limit = Int(clamping: min(range.last.rawValue - after.rawValue, UInt64(ReadLimits.eventsMax)))
                let page = try reader.events(after: after, limit: limit)
                let last = page.0.last?.position ?? after
                return (page, try reader.commits.overlapping(after: after, through: last))
            }
            var rest = commits[...]
            for (event, previous) in zip(page.0, page.previous) {
                if event.position == rest.first?.first {
                    let commitDay = ArchiveName.day(event.recorded)
                    if builder.count >= Self.eventsMax || day.map({ $0 != commitDay }) ?? false { break reading }
                    day = commitDay
                }
                builder.add(event, previous: previous)
                if event.position == rest.first?.last { end = rest.popFirst() }
            }
        }
        guard let end, end.last == builder.last else {
            throw EventLogError(
                .corrupt, "commits of partition \(range.partition) do not match its events: roost log verify")
        }
        return try builder.finish(digest: end.digest)
    }

    /// What is there already with the same events stays; anything else under its name is refused.
    private func store(_ file: ArchiveFile, to place: any ArchivePlace) throws(EventLogError) -> ArchiveEntry {
        let entry = ArchiveEntry(file, place: place.address)
        if let present = try place.read(entry.manifestName), present != file.manifestBytes {
            throw EventLogError(
                .invalid,
                "\(place.address)/\(entry.manifestName) is there already and holds other events: name another place, or "
                    + "move it away if no log needs it")
        }
        try place.write(file.events, to: entry.name)
        try place.write(file.manifestBytes, to: entry.manifestName)
        try verify(entry, file.manifest, place)
        return entry
    }

    /// Reads everything back and compares it with the log.
    private func verify(
        _ entry: ArchiveEntry, _ manifest: ArchiveManifest, _ place: any ArchivePlace
    ) throws(EventLogError) {
        let reader = ArchiveReader(
            log: log.identity.id, partition: manifest.partition, places: ArchivePlaces(directory: nil))
        guard try reader.manifest(of: entry) == manifest else { throw Self.differs(entry, at: entry.first) }
        for block in manifest.blocks {
            let archived = try reader.block(holding: block.first, of: entry)
            try read(manifest.partition) { hot throws(SQLiteFailure) in
                let limit = Int(block.last.rawValue - block.first.rawValue) + 1
                var position = Position(block.first.rawValue - 1)
                var builder = PageBuilder()
                while position < block.last {
                    let done = Int(position.rawValue + 1 - block.first.rawValue)
                    let (page, previous) = try hot.events(after: position, limit: limit - done)
                    for (event, previous) in zip(page, previous) {
                        try builder.add(event.position, of: archived)
                        guard builder.previous[0] == previous, let read = builder.finish().first,
                            read.canonicalBytes.array == event.canonicalBytes.array
                        else { throw SQLiteFailure(Self.differs(entry, at: event.position)) }
                        position = event.position
                    }
                }
            }
        }
    }

    private static func differs(_ entry: ArchiveEntry, at position: Position) -> EventLogError {
        EventLogError(
            .corrupt, "\(entry.place)/\(entry.name) does not give position \(position) back as the log has it")
    }

    private func read<Result: Sendable>(
        _ partition: PartitionID, _ body: (ReaderConnection) throws(SQLiteFailure) -> Result
    ) throws(EventLogError) -> Result {
        try log.sqliteReader(partition).read(body)
    }
}
