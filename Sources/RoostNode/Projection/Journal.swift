import RoostCore

/// How a projection became what it is: where it stood after some of its batches, and what its rows were there.
///
/// It is thinned as it grows: what stays is the first entry, the newest, the last of each build as long as there is room, and of the
/// others one for every so many events. With it the first batch can be found at which a projection went another way than the log: see `Divergence`.
struct Journal: Sendable {
    /// After one batch.
    struct Entry: Hashable, Sendable {
        /// Which transaction of the projection it was, from 1.
        let batch: UInt64
        let vector: [PartitionID: Position]
        let hash: RowHash
        /// The code that applied it: see `RebuildCertificate.build`.
        let build: String

        /// How many events had been seen.
        var events: UInt64 { vector.values.reduce(0) { $0 &+ $1.rawValue } }
    }

    /// So many entries stay at most.
    static let entriesMax = 256

    /// In the order in which they came.
    private(set) var entries: [Entry]
    /// Events between two entries that stay.
    private var stride: UInt64 = 1

    init(_ entries: [Entry] = []) { self.entries = entries }

    /// What a batch changes: the entry that came, and the batch whose entry it replaces.
    struct Step {
        let came: Entry
        let replaced: UInt64?
    }

    /// What noting a batch would change.
    func step(_ vector: [PartitionID: Position], _ hash: RowHash, build: String) -> Step {
        let entry = Entry(batch: (entries.last?.batch ?? 0) + 1, vector: vector, hash: hash, build: build)
        guard entries.count > 1, let last = entries.last, isDispensable(last, before: entry) else {
            return Step(came: entry, replaced: nil)
        }
        return Step(came: entry, replaced: last.batch)
    }

    mutating func take(_ step: Step) {
        if step.replaced != nil { entries.removeLast() }
        entries.append(step.came)
    }

    var isFull: Bool { entries.count > Self.entriesMax }

    /// Makes room; returns the batches whose entries have left.
    mutating func thin() -> [UInt64] {
        let before = entries
        while isFull, stride < .max / 2 {
            stride *= 2
            entries = entries.enumerated().filter { index, entry in
                index == 0 || index == entries.count - 1 || !isDispensable(entry, before: entries[index + 1])
            }.map(\.element)
        }
        // Of too many builds the oldest are forgotten.
        if isFull { entries.removeSubrange(1..<entries.count - Self.entriesMax + 1) }
        let kept = Set(entries.map(\.batch))
        return before.map(\.batch).filter { !kept.contains($0) }
    }

    /// The last entry of each stretch of events stays, and the last of each build.
    private func isDispensable(_ entry: Entry, before next: Entry) -> Bool {
        entry.build == next.build && entry.events / stride == next.events / stride
    }
}

/// The journal in the projection's own database.
extension Journal {
    static let sql = """
        CREATE TABLE IF NOT EXISTS roost_journal(
            batch INTEGER PRIMARY KEY, vector TEXT NOT NULL, hash BLOB NOT NULL, build TEXT NOT NULL);
        """

    private static let readSQL = "SELECT batch, vector, hash, build FROM roost_journal ORDER BY batch"

    /// What is kept so far, by whichever way rows are read.
    init(rows: (_ sql: String) throws -> [[SQLValue]]) rethrows {
        self.init(try rows(Self.readSQL).compactMap { Entry(row: $0) })
    }

    /// Writes a step; inside the transaction of its batch.
    static func save(_ step: Step, _ tables: Tables) throws {
        if let batch = step.replaced { try remove(batch, tables) }
        try tables.run(
            "INSERT INTO roost_journal VALUES(?,?,?,?)", .integer(Int64(step.came.batch)), .text(step.came.vectorText),
            .blob(step.came.hash.bytes), .text(step.came.build))
    }

    static func remove(_ batch: UInt64, _ tables: Tables) throws {
        try tables.run("DELETE FROM roost_journal WHERE batch = ?", .integer(Int64(batch)))
    }
}

extension Journal.Entry {
    /// nil where somebody has changed it.
    fileprivate init?(row: [SQLValue]) {
        guard row.count == 4, let batch = row[0].integer.flatMap({ UInt64(exactly: $0) }), let text = row[1].text,
            let bytes = row[2].bytes,
            let hash = RowHash(bytes: bytes), let build = row[3].text
        else { return nil }
        var vector: [PartitionID: Position] = [:]
        for pair in text.split(separator: " ") {
            let numbers = pair.split(separator: "=")
            guard numbers.count == 2, let partition = UInt32(numbers[0]), let position = UInt64(numbers[1]) else {
                return nil
            }
            vector[PartitionID(partition)] = Position(position)
        }
        self.init(batch: batch, vector: vector, hash: hash, build: build)
    }

    /// As in `0=120 1=96`.
    fileprivate var vectorText: String {
        vector.sorted { $0.key < $1.key }.map { "\($0.key.rawValue)=\($0.value.rawValue)" }.joined(separator: " ")
    }
}
