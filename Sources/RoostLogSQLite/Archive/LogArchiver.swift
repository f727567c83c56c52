import Foundation
package import RoostArchive
package import RoostCore
package import RoostLog

/// Writes closed ranges of a log to archives and hands them to the owners of the partitions.
///
/// An archive is read back from its place and compared with the log, event by event and byte by byte, before its owner
/// hears of it; only the owner then lets go of the rows. Every step can be repeated after a crash at any point. One at a
/// time for a log.
package struct LogArchiver {
    /// What will be archived of a partition.
    package struct Range: Sendable {
        package let partition: PartitionID
        package let first: Position
        package let last: Position
        /// Where the partition ends: what is after `last` stays.
        package let newest: Position
        let digestBefore: [UInt8]
        let digest: [UInt8]
        package var events: UInt64 { last.rawValue - first.rawValue + 1 }
    }

    /// A piece that would end a segment early is at least this share of the partition: few short segments, quick look-ups.
    private static let pieceShare: UInt64 = 64
    private let log: SQLiteLog

    package init(of log: SQLiteLog) { self.log = log }

    /// What was recorded before `time` and is not archived; nil when that is nothing. The newest commit always stays, and so
    /// does what is too small a piece to end a segment for.
    package func range(of partition: PartitionID, before time: Timestamp) throws(EventLogError) -> Range? {
        try read(partition) { reader throws(SQLiteFailure) in
            let through = try reader.archived.through()
            guard let newest = try reader.commits.newest(),
                var end = try reader.commits.newest(before: time, endingBefore: newest.last)
            else { return nil }
            let segments = Position(try reader.connection.number("SELECT max(last) FROM segments") ?? 0)
            if end.last >= segments, (end.last.rawValue - segments.rawValue) * Self.pieceShare < newest.last.rawValue {
                guard let earlier = try reader.commits.newest(before: time, endingBefore: segments) else { return nil }
                end = earlier
            }
            guard end.last > through else { return nil }
            let before = through == .start ? nil : try reader.commits.holding(through)
            return Range(
                partition: partition, first: through.next, last: end.last, newest: newest.last,
                digestBefore: before?.digest ?? [],
                digest: end.digest)
        }
    }

    /// Writes the archives of a range and verifies them. `report` gets the position that is done; `stored` is called after
    /// each archive.
    package func write(
        _ range: Range, to place: any ArchivePlace, report: (Position) -> Void, stored: () -> Void
    ) throws -> [ArchiveEntry] {
        let file = try log.file(range.partition)
        var plan = ArchivePlan(place: place.address)
        var entries: [ArchiveEntry] = []
        var (position, digest) = (Position(range.first.rawValue - 1), range.digestBefore)
        while position < range.last {
            let (archive, end) = try build(range, after: position, digest)
            let entry = ArchiveEntry(archive, place: place.address)
            try refusePresent(entry, place)
            try plan.add(entry, file)
            for (bytes, name) in [(archive.events, entry.name), (archive.manifestBytes, entry.manifestName)] {
                guard try !place.create(bytes, at: name) else { continue }
                // Somebody was faster: it is not this run's to remove.
                try plan.remove(entry, file)
                throw Self.present(name, place)
            }
            try verify(entry, archive.manifest, place)
            entries.append(entry)
            stored()
            (position, digest) = (end.last, end.digest)
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
        /// The log reads exactly these archives; so many of their rows are still in the file.
        case taken(rowsLeft: UInt64)
        case refused(String)
    }

    package func progress(of range: Range, _ entries: [ArchiveEntry]) throws(EventLogError) -> Progress {
        let file = try log.file(range.partition)
        if ArchiveOrder.isPending(file) { return .waiting }
        let known = Set(try self.entries(of: range.partition))
        guard entries.allSatisfy({ known.contains($0) }) else {
            return .refused(ArchiveOrder.refusal(file) ?? "another call was faster")
        }
        let first = try read(range.partition) { reader throws(SQLiteFailure) in
            try reader.connection.number("SELECT min(position) FROM events") ?? 0
        }
        return .taken(rowsLeft: range.last.rawValue >= first ? range.last.rawValue - first + 1 : 0)
    }

    /// Removes what an interrupted run has written and no log reads. To be called when no order of the partition is pending.
    /// `opening` gives nil for a place that is not this log's any more: nothing is removed there.
    package func clean(
        _ partition: PartitionID, opening: (String) throws(EventLogError) -> (any ArchivePlace)?
    ) throws(EventLogError) {
        let file = try log.file(partition)
        guard let plan = ArchivePlan.find(file), !ArchiveOrder.isPending(file) else { return }
        do throws(EventLogError) {
            if let place = try opening(plan.place) {
                try plan.removeLeftovers(besides: entries(of: partition), in: place)
            }
        } catch {
            // Another place is none the worse for it.
            guard error.code == .unavailable else { throw error }
        }
        try ArchivePlan.end(file)
    }

    /// Owns the partition for as long as it takes to carry out what waits for its owner. Only while nobody else has the log
    /// open for writing, as `compact`.
    package func carryOut(_ partition: PartitionID, as claim: Claim) async throws(EventLogError) {
        try log.admitArchives(partition)
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
        try reader(partition, nil).forEachBlock(of: ArchiveEntry(entry, place: place.address)) { _ in }
    }

    /// The canonical bytes of an archive's events, some at a time, each block checked by its digest.
    package func read(
        _ entry: ArchiveEntry, of partition: PartitionID, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(EventLogError) {
        try log.file(partition).archiveReader().forEachBlock(of: entry) { block throws(EventLogError) in
            var writer = EventWriter(capacity: block.text.count)
            for position in block.first.rawValue...block.last.rawValue {
                guard block.append(Position(position), to: &writer) != nil else {
                    throw EventLogError(.corrupt, "the archived line of position \(position) cannot be read")
                }
            }
            unsafe writer.withUnsafeBytes { unsafe body($0) }
        }
    }

    func read<Result: Sendable>(
        _ partition: PartitionID, _ body: (ReaderConnection) throws(SQLiteFailure) -> Result
    ) throws(EventLogError) -> Result {
        try log.sqliteReader(partition).read(body)
    }

    /// `directory` is where moves are noted; nil for addresses as they are.
    func reader(_ partition: PartitionID, _ directory: String?) -> ArchiveReader {
        ArchiveReader(log: log.identity.id, partition: partition, places: ArchivePlaces(directory: directory))
    }
}

extension LogArchiver {
    /// The next archive of a range, and the commit it ends with.
    private func build(
        _ range: Range, after position: Position, _ digest: [UInt8]
    ) throws -> (ArchiveFile, end: CommitRecord) {
        var builder = ArchiveBuilder(
            log: log.identity.id, partition: range.partition, after: position, digestBefore: digest)
        var end: CommitRecord?
        while builder.last < range.last, !builder.isFull {
            let (commit, page, previous) = try nextCommit(range.partition, after: builder.last)
            if let end, ArchiveName.day(end.recorded) != ArchiveName.day(commit.recorded) { break }
            for (event, previous) in zip(page, previous) { builder.add(event, previous: previous) }
            end = commit
        }
        guard let end, end.last == builder.last else { throw Self.unlike(range.partition, position) }
        return (try builder.finish(digest: end.digest), end)
    }

    /// A commit with all its events.
    private func nextCommit(
        _ partition: PartitionID, after position: Position
    ) throws(EventLogError) -> (CommitRecord, EventPage, previous: [Position]) {
        try read(partition) { reader throws(SQLiteFailure) in
            guard let commit = try reader.commits.holding(position.next), commit.first == position.next else {
                throw SQLiteFailure(Self.unlike(partition, position))
            }
            let (page, previous) = try reader.range(from: commit.first, through: commit.last)
            return (commit, page, previous)
        }
    }

    /// What is there already may be read by another log, whatever it holds: a restored one, say.
    private func refusePresent(_ entry: ArchiveEntry, _ place: any ArchivePlace) throws(EventLogError) {
        for name in [entry.manifestName, entry.name] where try place.size(of: name) != nil {
            throw Self.present(name, place)
        }
    }

    private static func present(_ name: String, _ place: any ArchivePlace) -> EventLogError {
        EventLogError(
            .invalid,
            "\(place.location)\(name) is there already: name another place, or move it away if no log needs it")
    }

    /// Reads everything back and compares it with the log.
    private func verify(
        _ entry: ArchiveEntry, _ manifest: ArchiveManifest, _ place: any ArchivePlace
    ) throws(EventLogError) {
        let partition = manifest.archive.partition
        let archived = reader(partition, nil)
        guard try archived.manifest(of: entry) == manifest, try place.size(of: entry.name) == entry.bytes else {
            throw Self.differs(entry, at: entry.first)
        }
        var index = ArchiveIndex()
        try archived.forEachBlock(of: entry) { block throws(EventLogError) in
            try read(partition) { reader throws(SQLiteFailure) in
                let (page, previous) = try reader.range(from: block.first, through: block.last)
                var builder = PageBuilder()
                for (event, previous) in zip(page, previous) {
                    try builder.add(event.position, of: block)
                    guard builder.previous[0] == previous, let read = builder.finish().first,
                        read.canonicalBytes.array == event.canonicalBytes.array
                    else { throw SQLiteFailure(Self.differs(entry, at: event.position)) }
                    index.add(event)
                }
            }
        }
        guard index.kinds == manifest.archive.kinds, index.streams == manifest.streams else {
            throw Self.differs(entry, at: entry.last)
        }
    }

    private static func differs(_ entry: ArchiveEntry, at position: Position) -> EventLogError {
        EventLogError(
            .corrupt, "\(entry.place)/\(entry.name) does not give position \(position) back as the log has it")
    }

    private static func unlike(_ partition: PartitionID, _ position: Position) -> EventLogError {
        EventLogError(
            .corrupt,
            "after position \(position) the commits of partition \(partition) do not match its events: roost log verify"
        )
    }
}
