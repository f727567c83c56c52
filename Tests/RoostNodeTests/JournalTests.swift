import Foundation
import RoostCore
import RoostLog
import Testing

@testable import RoostNode

@Suite("The journal of a projection")
struct JournalTests {
    private static func filled(_ count: Int, build: (Int) -> String = { _ in "" }) -> Journal {
        var journal = Journal()
        for number in 1...count {
            journal.take(journal.step([PartitionID(0): Position(UInt64(number))], .none, build: build(number)))
            if journal.isFull { _ = journal.thin() }
        }
        return journal
    }

    @Test("stays short, keeps its first and its newest entry, and leaves no great hole")
    func thinned() {
        for count in [1, 2, 256, 257, 1000, 100_000] {
            let entries = Self.filled(count).entries
            #expect(entries.count <= Journal.entriesMax && entries.count >= min(count, Journal.entriesMax / 2 - 1))
            #expect(entries.first?.batch == 1 && entries.last?.batch == UInt64(count))
            let holes = zip(entries, entries.dropFirst()).map { $1.events - $0.events }
            #expect(holes.allSatisfy { $0 <= UInt64(max(1, 4 * count / Journal.entriesMax)) }, "\(count)")
        }
    }

    @Test("keeps the last entry of each build")
    func builds() {
        let journal = Self.filled(5000) { $0 <= 1234 ? "old" : "new" }
        #expect(journal.entries.last { $0.build == "old" }?.batch == 1234)
    }

    @Test("of more builds than there is room for keeps the newest, and stays short")
    func manyBuilds() {
        let entries = Self.filled(3000) { "build \($0 / 3)" }.entries
        #expect(entries.count == Journal.entriesMax && entries[0].batch == 1 && entries.last?.batch == 3000)
        #expect(entries.suffix(100).map(\.build) == (901...1000).map { "build \($0)" })
    }

    private enum Virtual: Projection {
        static let name = "virtual"
        static let tables = [
            TableDefinition(
                "g", key: ["id"], sql: "CREATE TABLE g(id INTEGER PRIMARY KEY, a INT, v AS (a * 2) VIRTUAL, b TEXT)")
        ]
        static let queries: [ProjectionQuery] = []
        static let routes: [ProjectionRoute] = []
    }

    @Test("is not kept where SQLite does not show what was written: a table with virtual columns")
    func virtualColumns() throws {
        let store = try ProjectionStore(Virtual.self, path: nil, logID: LogID(bits: 1), codec: .json, build: "")
        #expect(store.hash == nil)
        try store.transaction { try store.open.run("INSERT INTO g(id, a, b) VALUES(1, 2, 'x')") }
        try store.close()
    }

    private enum Mixed: Projection {
        static let name = "mixed"
        static let tables = [
            TableDefinition(
                "a", key: ["id"], sql: "CREATE TABLE a(id INTEGER PRIMARY KEY, name TEXT, weight REAL, data BLOB, any)"),
            TableDefinition(
                "b", key: ["x", "y"], sql: "CREATE TABLE b(x TEXT, y INT, z, PRIMARY KEY(x, y)) WITHOUT ROWID"),
        ]
        static let queries: [ProjectionQuery] = []
        static let routes: [ProjectionRoute] = []
    }

    /// Every kind of statement, in an order drawn from `seed`.
    private static func change(_ tables: Tables, seed: UInt64) throws {
        var random = RandomNumbers(seed: seed)
        func number(_ bound: Int64) -> SQLValue { .integer(Int64.random(in: 0..<bound, using: &random)) }
        switch Int.random(in: 0..<9, using: &random) {
        case 0:
            try tables.run("INSERT OR REPLACE INTO a VALUES(?,?,?,?,?)", number(20), "é", .real(2), .blob([1, 2]), nil)
        case 1:
            try tables.run(
                "INSERT OR IGNORE INTO a(id, weight, any) VALUES(?,?,?)", number(20), .real(-0.0), .real(1.5))
        case 2:
            try tables.run("UPDATE a SET weight = weight / 3, name = name || 'twelve bytes' WHERE id < ?", number(20))
        case 3: try tables.run("UPDATE OR REPLACE a SET id = id + 100 WHERE id = ?", number(20))
        case 4: try tables.run("DELETE FROM a WHERE id % 3 = ?", number(3))
        case 5:
            try tables.run(
                "INSERT INTO b VALUES('k', ?, 1) ON CONFLICT DO UPDATE SET z = z + excluded.z", number(9))
        case 6: try tables.run("REPLACE INTO b SELECT name, id, weight FROM a WHERE name IS NOT NULL")
        case 7: try tables.run("UPDATE OR REPLACE b SET y = (y + 7) % 9 WHERE y > ?", number(9))
        default: try tables.run("DELETE FROM b")
        }
    }

    @Test("knows the rows by what was done to them, whatever statements did it and whatever was taken back")
    func hash() throws {
        let store = try ProjectionStore(Mixed.self, path: nil, logID: LogID(bits: 1), codec: .json, build: "")
        var hashes: Set<RowHash> = []
        for seed in 0..<600 as Range<UInt64> {
            let before = try #require(store.hash)
            struct Enough: Error {}
            do {
                try store.transaction {
                    try Self.change(store.open, seed: seed)
                    try Self.change(store.open, seed: seed + 1000)
                    if seed % 5 == 0 { throw Enough() }
                }
            } catch is Enough {
                #expect(store.hash == before)
            }
            let onDisk = try store.store.withConnection { try RowHash.ofRows(Mixed.tables, in: $0) }
            #expect(store.hash == onDisk, "\(seed)")
            hashes.insert(onDisk)
        }
        #expect(hashes.count > 300)
        try store.close()
    }

    private struct RandomNumbers: RandomNumberGenerator {
        private var state: UInt64
        init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
            return value ^ value >> 31
        }
    }

    @Test("goes on where it was when the database is opened again, and begins anew where it does not fit")
    func reopened() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("journal-\(UUID()).db").path
        defer {
            for suffix in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: path + suffix) {
                #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: path + suffix) }
            }
        }
        func open(_ build: String?) throws -> ProjectionStore {
            try ProjectionStore(Mixed.self, path: path, logID: LogID(bits: 1), codec: .json, build: build)
        }
        func step(_ store: ProjectionStore, _ id: Int64) throws {
            try store.transaction {
                try store.open.run("INSERT INTO a(id) VALUES(?)", .integer(id))
                store.progress[PartitionID(0), default: Progress()].position = Position(UInt64(id))
            }
        }
        func entries() throws -> [Journal.Entry] { try ReadOnlyDatabase(path: path).journal().entries }
        let first = try open("one")
        for id in 1...3 as ClosedRange<Int64> { try step(first, id) }
        let hash = try #require(first.hash)
        try first.close()
        let again = try open("two")
        #expect(again.hash == hash)
        try step(again, 4)
        try again.close()
        #expect(try entries().map(\.batch) == [1, 2, 3, 4] && entries().map(\.build) == ["one", "one", "one", "two"])
        let many = try open("two")
        for id in 5...700 as ClosedRange<Int64> { try step(many, id) }
        try many.close()
        let thinned = try entries()
        #expect(thinned.count <= Journal.entriesMax && thinned.first?.batch == 1 && thinned.last?.batch == 700)
        let without = try open(nil)
        try step(without, 701)
        try without.close()
        let fresh = try open("three")
        #expect(try entries().map(\.batch) == [1] && entries().map(\.hash) == [fresh.hash])
        #expect(try entries().map(\.build) == [""], "nobody knows who has made the rows")
        try fresh.close()
    }
}
