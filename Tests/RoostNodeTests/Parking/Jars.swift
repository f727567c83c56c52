import Foundation
import RoostCore
import RoostLog
import RoostTesting

@testable import RoostNode

/// What happens to jars: a small log, and a projection that cannot take everything in it.
struct Jars {
    struct Filled: Decodable { let grams: Int }

    enum Trouble: Error { case negative(grams: Int) }

    static let table = TableDefinition(
        "jars", key: ["stream"],
        sql: "CREATE TABLE jars(stream TEXT PRIMARY KEY, grams INTEGER NOT NULL, last INTEGER NOT NULL)")

    /// Adds to a row; a handler that saw a version out of order, or twice, throws something else.
    static func add(_ filled: Filled, _ event: RecordedEvent, _ tables: Tables) throws {
        let last = try tables.row("SELECT last FROM jars WHERE stream = ?", .text(event.stream.description))?[0].integer
        guard Int64(event.version.rawValue) > last ?? 0 else { throw ReaderFailure("out of order at \(event.version)") }
        try tables.run(
            """
            INSERT INTO jars VALUES(?,?,?)
            ON CONFLICT(stream) DO UPDATE SET grams = grams + excluded.grams, last = excluded.last
            """, .text(event.stream.description), SQLValue(filled.grams), .integer(Int64(event.version.rawValue)))
    }

    /// Writes first and throws then, so that something is left to take back.
    enum Fragile: Projection {
        static let name = "jars"
        static let tables = [Jars.table]
        static let routes: [ProjectionRoute] = [
            .on("JarFilled", Filled.self) { filled, event, tables in
                try Jars.add(filled, event, tables)
                if filled.grams < 0 { throw Trouble.negative(grams: filled.grams) }
            }
        ]
        static let queries: [ProjectionQuery] = []
    }

    /// The same projection when its code is mended.
    enum Mended: Projection {
        static let name = Fragile.name
        static let tables = Fragile.tables
        static let routes: [ProjectionRoute] = [.on("JarFilled", Filled.self, Jars.add)]
        static let queries: [ProjectionQuery] = []
    }

    static let partition = PartitionID(2)

    let log = MemoryLog(identity: .sample())
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("jars-\(UUID())").path
    var files: ProjectionFiles { ProjectionFiles(directory: directory) }

    /// Runs `body` with an empty log.
    static func with(_ body: (Jars) async throws -> Void) async throws {
        let jars = Jars()
        try jars.files.prepare()
        do {
            try await body(jars)
        } catch {
            try FileManager.default.removeItem(atPath: jars.directory)
            throw error
        }
        try FileManager.default.removeItem(atPath: jars.directory)
    }

    /// Appends one event for each pair of a jar and its grams.
    func fill(_ entries: [(String, Int)], type: String = "JarFilled", subject: String? = nil) async throws {
        let payloads = entries.map { ($0.0, #"{"grams":\#($0.1)}"#) }
        try await append(payloads, type: type, subject: subject)
    }

    func append(_ entries: [(String, String)], type: String = "JarFilled", subject: String? = nil) async throws {
        let writer = try await log.claim(Self.partition, .sample())
        for (jar, payload) in entries {
            let proposal = Proposal.sample(
                to: "stock/\(jar)", command: "\(UUID())", type: type, payload: payload, subject: subject)
            _ = try await writer.append([proposal], at: Timestamp(seconds: 1))
        }
        await writer.close()
    }

    func store(
        _ projection: any Projection.Type, _ codec: PayloadCodec = .json,
        _ change: (inout ParkingSettings) -> Void = { _ in }
    ) throws -> ProjectionStore {
        var parking = ParkingSettings()
        change(&parking)
        return try ProjectionStore(
            projection, path: try files.currentPath(), logID: log.identity.id, codec: codec, parking: parking)
    }

    func reader(_ partition: PartitionID) -> (any PartitionReader)? {
        do { return try log.reader(partition) } catch { return nil }
    }

    /// Brings the projection to the head, as its process would.
    func apply(_ store: ProjectionStore) throws {
        let reader = try log.reader(Self.partition)
        while true {
            let page = try reader.events(after: store.progress(Self.partition).position, limit: 1000)
            guard let last = page.last else { return }
            try store.transaction {
                try store.apply(page, of: Self.partition)
                store.prove(Self.partition, digest: try reader.commit(holding: last.position)?.digest ?? [])
            }
        }
    }

    func balance(_ store: ProjectionStore) throws -> Balance {
        let reader = try log.reader(Self.partition)
        return try Balance(of: store.progress(Self.partition), head: reader.head().position, reader: reader) {
            $0 == "JarFilled"
        }
    }

    /// Grams and last version by jar.
    func rows(_ store: ProjectionStore) throws -> [String: [Int64]] {
        let rows = try store.table("SELECT stream, grams, last FROM jars").rows
        return Dictionary(
            uniqueKeysWithValues: rows.map {
                ($0[0].text?.dropFirst("stock/".count).description ?? "", [$0[1].integer ?? 0, $0[2].integer ?? 0])
            })
    }

    func parked(_ store: ProjectionStore) throws -> [ParkedEvent] {
        try store.table("SELECT \(ParkedEvent.columns) FROM roost_parked ORDER BY position").rows.map {
            try ParkedEvent(row: $0)
        }
    }

    func rebuilder(
        _ projection: any Projection.Type, _ change: (inout Rebuilder.Options) -> Void = { _ in }
    ) throws -> Rebuilder {
        let readers = try readers()
        var options = Rebuilder.Options()
        change(&options)
        return Rebuilder(
            projection, files: files, log: log.identity, readers: readers, source: LogPageSource(readers), codec: .json,
            options: options)
    }

    func readers() throws -> [any PartitionReader] {
        try log.identity.placement.partitions.map { try log.reader($0) }
    }

    /// How the process of a projection, which runs `build`, goes over to another generation.
    func succession(_ projection: any Projection.Type, build: String = "") throws -> Succession {
        Succession(files: files, readers: try readers(), build: build, firstStep: 2) { [log, files] generation in
            var parking = ParkingSettings()
            parking.markPath = files.markPath(generation: generation)
            return try ProjectionStore(
                projection, path: files.path(generation: generation), logID: log.identity.id, codec: .json,
                parking: parking)
        }
    }
}

extension SwapOrder {
    /// For what a rebuild in a test has made.
    init(_ result: Rebuilder.Result, build: String = "", root: String? = nil) {
        self.init(
            generation: result.generation, build: build, root: root ?? Hexadecimal.text(result.root),
            isParkedAlike: result.setAside == result.liveSetAside)
    }
}
