import RoostArchive
package import RoostCore
package import RoostLog

extension SQLiteLog {
    /// Looks at an order that waits for the owner of a partition, as this process sees the archives: only what it can read
    /// itself, and what is a piece of this log, is admitted. Anything else is refused with the reason. Only for the process
    /// that owns the partition, and not on a thread that commits wait for.
    /// True when one was.
    @discardableResult
    package func admitArchives(_ partition: PartitionID) throws(EventLogError) -> Bool {
        let file = try file(partition)
        guard try ArchiveOrder.advance(file, from: .waiting, to: .looking) || isLooking(file) else { return false }
        do throws(EventLogError) {
            try check(try ArchiveOrder.read(.looking, of: file), file)
        } catch {
            try ArchiveOrder.end(.looking, of: file, refusal: error.description)
            return false
        }
        return try ArchiveOrder.advance(file, from: .looking, to: .admitted)
    }

    /// An earlier process of this partition ended while it looked.
    private func isLooking(_ file: PartitionFile) -> Bool {
        DurableFiles.exists(ArchiveOrder.Stage.looking.path(file))
    }

    private func check(_ order: ArchiveOrder, _ file: PartitionFile) throws(EventLogError) {
        let reader = file.archiveReader()
        guard !order.archives.isEmpty else { throw EventLogError(.invalid, "it names no archive") }
        for (entry, next) in zip(order.archives, order.archives.dropFirst()) where entry.last.next != next.first {
            throw EventLogError(.invalid, "the archive of position \(next.first) does not follow \(entry.last)")
        }
        for entry in order.archives {
            guard entry.first <= entry.last else { throw EventLogError(.invalid, "an archive ends before it begins") }
            let outline = try reader.outline(of: entry)
            _ = try reader.block(holding: entry.last, of: entry)
            let before = try digest(at: Position(entry.first.rawValue - 1), file)
            let after = try digest(at: entry.last, file)
            guard outline.digestBefore == before, outline.digest == after else {
                throw EventLogError(.mismatch, "the archives do not match the log at position \(entry.last)")
            }
        }
    }

    /// Of the log at the end of a commit, as hexadecimal digits; nil where none ends.
    private func digest(at position: Position, _ file: PartitionFile) throws(EventLogError) -> String? {
        guard position > .start else { return "" }
        let commit = try sqliteReader(file.partition).commit(holding: position)
        return commit?.last == position ? commit.map { Hexadecimal.text($0.digest) } : nil
    }
}
