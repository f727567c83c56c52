import RoostCore
import RoostLog

/// What concerns a generation that is made beside the live one, and how it belongs to its log.
extension ProjectionStore {
    /// What was discarded in the live one, at this path, leaves the parked set, and what it held up is applied. With `crashes`, what
    /// the live one has parked because processes died at it is parked here, too, before this process dies at it.
    func adoptDiscards(of live: String, _ readers: [any PartitionReader], crashes: Bool = false) throws {
        try retry(freed: adopt(from: live, crashes: crashes), readers)
    }

    /// Applies what is not parked any more.
    func retry(freed streams: [StreamName], _ readers: [any PartitionReader]) throws {
        for stream in streams {
            while case .done(_, false) = try retry(stream, from: { id in readers.first { $0.partition == id } }) {}
        }
    }

    /// The first event that is parked here and not in the database of the same projection at a path; nil when there is none.
    func firstParked(besides live: String) throws -> EventPlace? {
        guard !parkedStreams.isEmpty else { return nil }
        return try store.withTables { tables in
            try tables.run("ATTACH ? AS live", .text(live))
            defer { do { try tables.run("DETACH live") } catch {} }
            let row = try tables.row(
                """
                SELECT partition, position FROM main.roost_parked EXCEPT
                SELECT partition, position FROM live.roost_parked LIMIT 1
                """)
            return row.map {
                EventPlace(
                    partition: PartitionID(UInt32(clamping: $0[0].integer ?? 0)),
                    position: Position(UInt64(clamping: $0[1].integer ?? 0)))
            }
        }
    }

    /// The index of types has led past nothing that the projection handles.
    func checkBalance(_ readers: [any PartitionReader]) throws {
        guard let types = storedTypes else { return }
        for reader in readers {
            let progress = progress(reader.partition)
            let stored = try reader.count(ofTypes: types, through: progress.position)
            let taken = progress.applied + progress.parked + progress.discarded
            guard stored == taken else {
                throw ReaderFailure(
                    "partition \(reader.partition) has \(stored) events for \(name) through position "
                        + "\(progress.position), and \(taken) were found; look at: roost log verify")
            }
        }
    }

    /// Notes which commit the checkpoint of a partition belongs to; inside `transaction` only.
    func prove(by reader: any PartitionReader) throws {
        let position = progress(reader.partition).position
        guard let commit = try reader.commit(holding: position) else {
            throw ReaderFailure("the log does not hold position \(position) of partition \(reader.partition)")
        }
        prove(reader.partition, digest: commit.digest)
    }

    /// The checkpoint of a partition is part of this log: not of another one, of a restored one, or ahead of the head.
    func isOfHistory(_ reader: any PartitionReader) throws -> Bool {
        let progress = progress(reader.partition)
        guard progress.position > .start else { return true }
        return try reader.commit(holding: progress.position)?.digest == progress.digest
    }
}
