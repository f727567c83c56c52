package import RoostCore

/// A record that has its place: where it starts in the arena, and the event before it in its stream.
package struct PlacedRecord: Sendable {
    package let offset: Int
    package let position: Position
    package let version: StreamVersion
    /// `.start` for the first event of a stream.
    package let previous: Position
}

extension AppendPlan {
    /// Runs `body` with an arena that holds exactly the records to store, each with its place in the log.
    ///
    /// When every entry is kept it is the batch's own arena, which `body` may hand on with `finish()`: no copy.
    package func withPlacedRecords<Result>(
        of batch: AppendBatch, epoch: Epoch, recorded: Timestamp,
        _ body: (inout EventWriter, [PlacedRecord]) throws(EventLogError) -> Result
    ) throws(EventLogError) -> Result {
        if keepsAll {
            let offsets = kept.map { batch.entries[$0.entry].offset }
            let placed = place(in: &batch.writer, batch.entries, offsets, epoch, recorded)
            return try body(&batch.writer, placed)
        }
        var writer = EventWriter(capacity: max(batch.writer.count, 1))
        let offsets = copyKept(from: batch, to: &writer)
        let placed = place(in: &writer, batch.entries, offsets, epoch, recorded)
        return try body(&writer, placed)
    }

    private func copyKept(from batch: AppendBatch, to writer: inout EventWriter) -> [Int] {
        var offsets: [Int] = []
        batch.writer.withUnsafeBytes { bytes in
            for entry in kept.map({ batch.entries[$0.entry] }) {
                offsets.append(writer.count)
                var offset = entry.offset
                for _ in 0..<entry.eventCount {
                    let count = EventWriter.recordBytes(bytes, at: offset)
                    _ = writer.append(record: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count]))
                    offset += count
                }
            }
        }
        return offsets
    }

    private func place(
        in writer: inout EventWriter, _ entries: [AppendBatch.Entry], _ offsets: [Int], _ epoch: Epoch,
        _ recorded: Timestamp
    ) -> [PlacedRecord] {
        var placed: [PlacedRecord] = []
        placed.reserveCapacity(Int(last.rawValue - (kept.first?.first.rawValue ?? 0)) + 1)
        for (kept, start) in zip(kept, offsets) {
            var offset = start
            var (position, version, previous) = (kept.first, kept.base.version.next, kept.base.position)
            for _ in 0..<entries[kept.entry].eventCount {
                writer.place(at: offset, position: position, version: version, recorded: recorded, epoch: epoch)
                placed.append(PlacedRecord(offset: offset, position: position, version: version, previous: previous))
                offset += writer.recordBytes(at: offset)
                (previous, position, version) = (position, position.next, version.next)
            }
        }
        return placed
    }
}
