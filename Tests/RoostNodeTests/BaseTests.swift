import Foundation
import RoostCore
import RoostLog
import Synchronization
import Testing

@testable import RoostNode

@Suite("A rebuild that begins with kept rows", .timeLimit(.minutes(1)))
struct BaseTests {
    @Test("Applies what came after them only, and makes what a rebuild from the first event makes")
    func later() async throws {
        try await Self.withBase { jars, base in
            #expect(base.events == 3 && base.bytes > 0)
            try await Self.more(jars)
            let seen = Mutex<[UInt64]>([])
            let result = try await Self.rebuilder(jars, from: base).run { done, _ in seen.withLock { $0.append(done) } }
            let whole = try await Self.rebuilder(jars).run { _, _ in }
            #expect(result.isEqual && result.root == whole.root && result.events == 5)
            #expect(seen.withLock { $0 } == [5], "one batch, of two events")
            #expect(result.base?.events == 3 && whole.base == nil)
            let certificate = try Self.certificate(result)
            #expect(certificate.base == RebuildCertificate.Base(base.certificate) && certificate.events == 5)
            #expect(try certificate.isUnaltered())
        }
    }

    @Test("Finds what is wrong with the live one, before them and after")
    func different() async throws {
        for jar in ["a", "c"] {
            try await Self.withBase { jars, base in
                try await Self.more(jars)
                let live = try jars.store(Jars.Mended.self)
                try live.store.withTables {
                    try $0.run("UPDATE jars SET grams = 9 WHERE stream = ?", .text("stock/\(jar)"))
                }
                try live.close()
                let result = try await Self.rebuilder(jars, from: base).run { _, _ in }
                #expect(!result.isEqual && !Self.isLaidBy(result))
                #expect(result.explanation.rows.map(\.difference.key) == [[.text("stock/\(jar)")]])
            }
        }
    }

    @Test("Is not compared with a live one that has not come so far")
    func ahead() async throws {
        try await Self.withBase { jars, base in
            try FileManager.default.removeItem(atPath: jars.files.path(generation: 1))
            let live = try jars.store(Jars.Mended.self)
            try live.transaction {
                try live.apply(try jars.log.reader(Jars.partition).events(after: .start, limit: 2), of: Jars.partition)
            }
            try live.close()
            try await Self.expectRefusal("try again when it has caught up", jars, base)
            try Self.apply(jars)
            #expect(try await Self.rebuilder(jars, from: base).run { _, _ in }.isEqual)
        }
    }

    @Test("What cannot be kept costs no proof")
    func fullDisk() async throws {
        try await Self.withBase { jars, _ in
            let bases = jars.directory + "/bases"
            try FileManager.default.removeItem(atPath: bases)
            try Data().write(to: URL(fileURLWithPath: bases))
            let result = try await Self.rebuilder(jars, keeps: true).run { _, _ in }
            guard case .not = result.keeping else { throw ReaderFailure("there is no room for it") }
            #expect(result.isEqual)
        }
    }

    @Test("What earlier ones have left and kept goes where nobody may read it any more")
    func fresh() async throws {
        try await Self.withBase { jars, _ in
            for isFresh in [false, true] {
                // One that was interrupted when it had begun.
                try jars.files.beginRebuild(of: 2)
                let begun = try ProjectionStore(
                    Jars.Mended.self, path: jars.files.path(generation: 2), logID: jars.log.identity.id, codec: .json)
                try begun.transaction {
                    try begun.apply(jars.log.reader(Jars.partition).events(after: .start, limit: 1), of: Jars.partition)
                }
                try begun.close()
                let result = try await jars.rebuilder(Jars.Mended.self) { $0.isFresh = isFresh }.run { _, _ in }
                #expect(result.isEqual && result.isResumed == !isFresh)
                #expect(try ProjectionBases(projection: jars.directory).all().isEmpty == isFresh)
            }
        }
    }

    @Test("Goes on where it was interrupted with the same rows; with others, or none, it begins again")
    func interrupted() async throws {
        try await Self.withBase { jars, base in
            let path = jars.files.path(generation: 2)
            func begin(_ base: ProjectionBase?) throws -> Bool { try jars.files.beginRebuild(of: 2, from: base) }
            #expect(try !begin(base) && FileManager.default.fileExists(atPath: path))
            #expect(try begin(base) && FileManager.default.fileExists(atPath: path))
            #expect(try !begin(nil) && !FileManager.default.fileExists(atPath: path))
            #expect(try begin(nil) && !begin(base))
            try await Self.more(jars)
            let result = try await Self.rebuilder(jars, from: base).run { _, _ in }
            #expect(result.isEqual && result.isResumed && result.events == 5)
        }
    }

    @Test("Refuses rows that are not those of their certificate, and counts no copy of them as begun")
    func damaged() async throws {
        try await Self.withBase { jars, base in
            let store = try ReaderStore(
                path: base.rows, logID: jars.log.identity.id, name: "jars", revision: 1, tables: [])
            try store.withTables { try $0.run("UPDATE jars SET grams = grams + 1 WHERE stream = 'stock/a'") }
            try store.close()
            for _ in 1...2 { try await Self.expectRefusal("its rows are not those of its certificate", jars, base) }
            try FileManager.default.removeItem(atPath: base.rows)
            let bases = ProjectionBases(projection: jars.directory)
            #expect(try bases.all().isEmpty && bases.unreadable() == [base.directory])
            try bases.removeAll()
            #expect(try bases.all().isEmpty)
        }
    }

    @Test("Refuses rows of another history, another log, another revision, or with an altered certificate")
    func foreign() async throws {
        try await Self.withBase { jars, base in
            let part = base.certificate.partitions.first { $0.position > .start }
            let at = try #require(part)
            let other = RebuildCertificate.Partition(partition: at.partition, position: at.position, digest: "00")
            func certificate(
                log: LogID? = nil, revision: Int = 1,
                _ change: (RebuildCertificate.Partition) -> RebuildCertificate.Partition?
            ) throws -> RebuildCertificate {
                let mine = base.certificate
                return try RebuildCertificate(
                    issuedAt: mine.issuedAt, cluster: "test", projection: "jars", revision: revision, build: "",
                    log: log ?? mine.log, partitions: mine.partitions.compactMap(change), events: mine.events,
                    tables: mine.tables, setAside: [], root: mine.root, seconds: 0)
            }
            let cases: [(String, RebuildCertificate)] = [
                ("it is of another log", try certificate(log: LogID(bits: 99)) { $0 }),
                ("it is of revision 2 of jars", try certificate(revision: 2) { $0 }),
                ("has another history up to position 3", try certificate { $0.position > .start ? other : $0 }),
                ("it does not name each partition once", try certificate { $0.position > .start ? nil : $0 }),
            ]
            for (reason, certificate) in cases {
                let base = ProjectionBase(certificate: certificate, directory: base.directory, bytes: 0)
                try await Self.expectRefusal(reason, jars, base)
            }
            let path = base.directory + "/certificate.json"
            let text = try String(contentsOfFile: path, encoding: .utf8).replacing("\"events\":3", with: "\"events\":2")
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            let altered = try #require(try ProjectionBases(projection: jars.directory).all().first)
            try await Self.expectRefusal("its certificate was altered", jars, altered)
        }
    }

    @Test("The rows with the most events that are no more than asked for are begun with")
    func newest() async throws {
        try await Self.withBase { jars, base in
            try await Self.more(jars)
            let result = try await Self.rebuilder(jars, from: base, keeps: true).run { _, _ in }
            let bases = ProjectionBases(projection: jars.directory)
            #expect(Self.isLaidBy(result))
            #expect(try bases.all().map(\.events) == [3], "no base without its certificate")
            _ = try bases.keep(Self.certificate(result))
            #expect(try bases.all().map(\.events) == [3, 5])
            #expect(try [2, 3, 4, 5, 9].map { try bases.newest(through: $0)?.events } == [nil, 3, 3, 5, 5])
        }
    }

    @Test("Rows are not kept while events are parked, which a rebuild has to try again")
    func parked() async throws {
        try await Jars.with { jars in
            try await jars.fill([("a", 1), ("b", -2)])
            try Self.apply(jars, Jars.Fragile.self)
            let result = try await jars.rebuilder(Jars.Fragile.self) { $0.keeps = true }.run { _, _ in }
            guard case .not(let reason) = result.keeping else { throw ReaderFailure("they were kept") }
            #expect(result.isEqual && reason.contains("events are parked"))
        }
    }

    private static func expectRefusal(_ reason: String, _ jars: Jars, _ base: ProjectionBase) async throws {
        let failure = await #expect(throws: ReaderFailure.self) {
            _ = try await rebuilder(jars, from: base).run { _, _ in }
        }
        #expect(failure?.description.contains(reason) == true, "\(String(describing: failure))")
    }

    private static func rebuilder(
        _ jars: Jars, from base: ProjectionBase? = nil, keeps: Bool = false
    ) throws -> Rebuilder {
        try jars.rebuilder(Jars.Mended.self) {
            $0.base = base
            $0.keeps = keeps
        }
    }

    private static func isLaidBy(_ result: Rebuilder.Result) -> Bool {
        if case .laidBy = result.keeping { true } else { false }
    }

    private static func certificate(_ result: Rebuilder.Result) throws -> RebuildCertificate {
        let found = RebuildResult(
            result, revision: 1, build: "", partitions: Jars().log.identity.placement.partitions, seconds: 1)
        return try RebuildCertificate(
            found, issuedAt: Timestamp(seconds: 1), cluster: "test", log: Jars().log.identity.id)
    }

    private static func apply(_ jars: Jars, _ projection: any Projection.Type = Jars.Mended.self) throws {
        let live = try jars.store(projection)
        try jars.apply(live)
        try live.close()
    }

    private static func more(_ jars: Jars) async throws {
        try await jars.fill([("a", 4), ("c", 5)])
        try apply(jars)
    }

    /// Three events, their live projection, and its rows, kept.
    private static func withBase(_ body: (Jars, ProjectionBase) async throws -> Void) async throws {
        try await Jars.with { jars in
            try await jars.fill([("a", 1), ("b", 2), ("a", 3)])
            try apply(jars)
            let result = try await rebuilder(jars, keeps: true).run { _, _ in }
            try #require(result.isEqual && isLaidBy(result))
            try await body(jars, try ProjectionBases(projection: jars.directory).keep(certificate(result)))
        }
    }
}
