import Foundation
import GRDB
package import RoostCore
package import RoostLog

/// Makes a projection again from the first event, or from rows that were proved before, beside the live one, and proves that both
/// are equal.
///
/// It rebuilds to where the live one stood, takes the live rows' digest at one instant, goes on to exactly that
/// instant and compares. Fires no effects, never touches the live database, and goes on where it was interrupted.
package struct Rebuilder: Sendable {
    package struct Result: Sendable {
        package let projection: String
        package let events: UInt64
        package let isEqual: Bool
        /// The live full-text indexes match their content.
        package let isFullTextWhole: Bool
        /// Root over the rebuilt rows.
        package let root: [UInt8]
        package let liveRoot: [UInt8]
        package let tables: [TableRoot]
        package let liveTables: [TableRoot]
        /// Which events are parked and discarded: see `TableDigest.setAside`.
        package let setAside: [TableRoot]
        package let liveSetAside: [TableRoot]
        /// Where both stood when they were compared.
        package let progress: [PartitionID: Progress]
        package let generation: Int
        /// It has gone on with what an interrupted one had left.
        package let isResumed: Bool
        /// What it began with; nil for the first event.
        package let base: ProjectionBase?
        /// What became of its rows: see `Options.keeps`.
        package let keeping: Keeping
        /// Bytes of memory that this process had at most before anything was looked into.
        package let memory: UInt64
        /// Why they differ, as far as that was found out.
        package var explanation = DivergenceExplanation()
    }

    /// What became of rows that were to be kept.
    package enum Keeping: Sendable {
        case notAsked
        /// They are laid by to be a base.
        case laidBy
        case not(reason: String)
    }

    /// How it is done.
    package struct Options: Sendable {
        /// Names the code that runs: what other code has begun is not gone on with.
        package var build = ""
        /// Rows to begin with; nil for the first event.
        package var base: ProjectionBase?
        /// Rows that are proved are laid by to be a base.
        package var keeps = false
        /// What earlier ones have left, and kept, may hold what nobody may read any more: it goes.
        package var isFresh = false
        /// It will be asked to take the live one's place, so its journal is begun.
        package var isForSwap = false
        /// Rows that differ are looked into.
        package var explains = true
        package var parking = ParkingSettings()
        /// Events of one transaction.
        package var transactionMax = 50_000
        /// Told how many events were done since the last call; holds the rebuild up where it is to leave room for others.
        package var pace: @Sendable (_ events: UInt64) async throws -> Void = { _ in }
        /// Between two looks at what another process still works at.
        package var waitAMoment: @Sendable () async throws -> Void = {}
        /// Told how many events were applied so far to find out why rows differ.
        package var onEffort: @Sendable (_ events: UInt64) -> Void = { _ in }

        package init() {}
    }

    /// Events done so far and events there are.
    package typealias Report = @Sendable (_ done: UInt64, _ total: UInt64) -> Void

    private let projection: any Projection.Type
    private let files: ProjectionFiles
    private let log: LogIdentity
    private let readers: [any PartitionReader]
    private let source: any PageSource
    private let codec: PayloadCodec
    private let options: Options

    package init(
        _ projection: any Projection.Type, files: ProjectionFiles, log: LogIdentity,
        readers: [any PartitionReader], source: any PageSource, codec: PayloadCodec, options: Options = Options()
    ) {
        self.projection = projection
        self.files = files
        self.log = log
        self.readers = readers
        self.source = source
        self.codec = codec
        self.options = options
    }

    /// Rebuilds into the generation after the live one and compares.
    package func run(report: Report) async throws -> Result {
        let lock = try await lock()
        defer { withExtendedLifetime(lock) {} }
        try refuseBesideSwap()
        if options.isFresh {
            try files.discardRebuild()
            try ProjectionBases(projection: files.directory).removeAll()
        }
        let generation = try files.current() + 1
        let (store, isResumed) = try begin(generation)
        let start = try liveVector()
        try refuseAhead(store, of: start)
        try await fold(store, to: start, report)
        let live = try liveDigest(store)
        try await fold(store, to: live.vector, report)
        let result = try await compare(store, live, generation, isResumed, report)
        try store.close()
        if options.isForSwap { try self.store(generation, build: options.build).close() }
        try files.endRebuild(of: generation, root: Hexadecimal.text(result.root))
        return result
    }

    /// A live process that goes over to another generation, or drops that, is soon done.
    private func lock() async throws -> GenerationLock {
        for _ in 0..<Self.lockAttempts {
            if let lock = try files.lockGeneration() { return lock }
            try await options.waitAMoment()
        }
        throw ReaderFailure(
            "another process works at the next generation of \(projection.name); look at: roost ps; then try again")
    }

    private static let lockAttempts = 200

    /// The generation is compared where the live one is, so it may not be further.
    private func refuseAhead(_ store: ProjectionStore, of live: [PartitionID: Position]) throws {
        for (partition, progress) in store.progress.sorted(by: { $0.key < $1.key })
        where progress.position > live[partition] ?? .start {
            throw ReaderFailure(
                "\(projection.name) is at position \(live[partition] ?? .start) of partition \(partition), and what is begun "
                    + "with at \(progress.position); try again when it has caught up: roost wait --for caught-up")
        }
    }

    /// Opens the generation: empty, as the base, or as an interrupted rebuild has left it.
    private func begin(_ generation: Int) throws -> (ProjectionStore, isResumed: Bool) {
        let base = options.base
        let check = base.map { BaseCheck($0, of: projection, log: log, readers: readers) }
        try check?.certificateFits()
        let isBegun = try files.beginRebuild(of: generation, by: options.build, from: base) {
            guard let check else { return }
            let copy = try self.store(generation)
            try check.rowsFit(copy)
            try copy.close()
        }
        if Mutant.rebuildWithoutReset.isPlanted { try keepLiveRows(generation) }
        let store = try store(generation)
        return (store, isBegun && !store.progress.isEmpty)
    }

    /// The generation that waits to take over is the one that would be made again.
    private func refuseBesideSwap() throws {
        guard let order = try SwapDesk(projection: files.directory).order() else { return }
        throw ReaderFailure(
            "generation \(order.generation) of \(projection.name) is about to take the live one's place; try again when it "
                + "has, or where its process does not run: roost start \(projection.name)")
    }

    /// What `Mutant.rebuildWithoutReset` does.
    private func keepLiveRows(_ generation: Int) throws {
        let path = files.path(generation: generation)
        try withLive(readonly: false) { try $0.execute(sql: "VACUUM INTO ?", arguments: [path]) }
        let copy = try DatabaseQueue(path: path)
        try copy.write { try $0.execute(sql: "DELETE FROM roost_progress") }
        closeQuietly(copy)
    }

    private func compare(
        _ store: ProjectionStore, _ live: LiveDigest, _ generation: Int, _ isResumed: Bool, _ report: Report
    ) async throws -> Result {
        try store.checkBalance(readers)
        let isWhole = try isLiveFullTextWhole()
        let (tables, setAside) = (try store.roots(), try store.setAsideRoots())
        let root = TableDigest.root(of: tables + setAside)
        let liveRoot = TableDigest.root(of: live.tables + live.setAside)
        let (progress, isEqual) = (store.progress, isWhole && root == liveRoot)
        return Result(
            projection: projection.name, events: progress.values.reduce(0) { $0 + $1.position.rawValue },
            isEqual: isEqual, isFullTextWhole: isWhole, root: root, liveRoot: liveRoot,
            tables: tables, liveTables: live.tables, setAside: setAside, liveSetAside: live.setAside,
            progress: progress, generation: generation, isResumed: isResumed, base: options.base,
            keeping: isEqual ? keep(store, generation, root: root) : .notAsked, memory: PeakMemory.bytes,
            explanation: tables == live.tables || !options.explains
                ? DivergenceExplanation() : await explainedOrNot(store, report))
    }

    /// Lays the rows by to be a base. What is proved is proved, whatever becomes of that.
    private func keep(_ store: ProjectionStore, _ generation: Int, root: [UInt8]) -> Keeping {
        guard options.keeps else { return .notAsked }
        guard store.parkedStreamCount == 0 else {
            return .not(reason: "events are parked, which the next rebuild has to try again")
        }
        do {
            try store.store.checkpoint()
            try ProjectionBases(projection: files.directory).lay(
                rowsOf: files.path(generation: generation), root: Hexadecimal.text(root))
            return .laidBy
        } catch {
            return .not(reason: "\(error)")
        }
    }

    /// Opens a generation. What is discarded in the live one is so here.
    private func store(_ generation: Int, build: String? = nil) throws -> ProjectionStore {
        var parking = options.parking
        parking.markPath = files.markPath(generation: generation)
        let store = try ProjectionStore(
            projection, path: files.path(generation: generation), logID: log.id, codec: codec, parking: parking,
            build: build)
        try store.adoptDiscards(of: files.currentPath(), readers)
        return store
    }

    /// The verdict stands whatever becomes of its explanation.
    private func explainedOrNot(_ store: ProjectionStore, _ report: Report) async -> DivergenceExplanation {
        do {
            return try await explain(store, report)
        } catch is RowComparison.OtherColumns {
            return .otherColumns
        } catch {
            return DivergenceExplanation(failedBecause: "\(error)")
        }
    }

    /// Looks at the rows themselves, at one instant of the live projection, to which the rebuilt one is brought. It is near that
    /// instant before, which is held no longer than the rest takes.
    private func explain(_ store: ProjectionStore, _ report: Report) async throws -> DivergenceExplanation {
        try await fold(store, to: try liveVector(), report, isPaced: false)
        let path = try files.currentPath()
        let live = try ReadOnlyDatabase(path: path)
        _ = try live.rows("BEGIN")
        let vector = try live.progress().mapValues(\.position)
        try await fold(store, to: vector, report, isPaced: false)
        let found = try RowComparison.differences(
            of: projection, left: { try live.rows($0) }, right: { try store.table($0) },
            limit: DivergenceExplanation.rowsMax)
        let instant = Divergence.Live(
            vector: vector, journal: try live.journal().entries, hash: try live.hash(of: projection),
            parked: try live.parkedPlaces(atMost: Divergence.parkedMax))
        _ = try live.rows("COMMIT")
        let bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? UInt64 ?? 0
        guard !found.isEmpty else { return .healed }
        let copy = files.path(generation: try files.current() + 1)
        let fold = DivergenceFold(
            projection, log: log.id, readers: readers, codec: codec, streamsMax: options.parking.streamsMax, like: copy,
            effort: DivergenceEffort(report: options.onEffort))
        let rebuilt = Divergence.Rebuilt(
            hash: try store.store.withConnection { try RowHash.ofRows(projection.tables, in: $0) },
            parked: try ReadOnlyDatabase(path: copy).parkedPlaces(atMost: Divergence.parkedMax), build: options.build,
            isOfOneBuild: options.base.map { $0.certificate.build == options.build } ?? true,
            fitsInMemory: bytes <= Self.explainedBytesMax)
        return try DivergenceExplanation(found, instant, rebuilt, fold)
    }

    /// Experiments make the projection in memory.
    private static let explainedBytesMax: UInt64 = 512 << 20

    private func fold(
        _ store: ProjectionStore, to vector: [PartitionID: Position], _ report: Report, isPaced: Bool = true
    ) async throws {
        let total = vector.values.reduce(0) { $0 + $1.rawValue }
        let ways = try vector.sorted { $0.key < $1.key }.map { partition, end in
            RebuildBatches.Way(
                partition: partition, types: try reader(of: partition).fewTypes(for: store, through: end),
                start: store.progress(partition).position, end: end)
        }
        let batches = RebuildBatches(source: source, ways: ways, eventsMax: options.transactionMax)
        var batch = try await batches.batch(at: RebuildBatches.Place())
        while let applied = batch {
            try Task.checkCancellation()
            // The next one, also of the next partition, is read while this one is applied.
            async let next = batches.batch(at: applied.next)
            try store.transaction {
                for stretch in applied.stretches {
                    try store.apply(stretch, isWhole: applied.isWhole, of: applied.partition)
                }
                try store.prove(by: reader(of: applied.partition))
            }
            Failpoint.afterRebuildBatch.reach()
            report(store.progress.values.reduce(0) { $0 + $1.position.rawValue }, total)
            if isPaced { try await options.pace(applied.cost) }
            batch = try await next
        }
    }

    private func reader(of partition: PartitionID) throws -> any PartitionReader {
        guard let reader = readers.first(where: { $0.partition == partition }) else {
            throw EventLogError(.missing, "the log has no partition \(partition)")
        }
        return reader
    }

    private func liveVector() throws -> [PartitionID: Position] {
        try withLive { try ReaderStore.progress($0).mapValues(\.position) }
    }

    private struct LiveDigest {
        let vector: [PartitionID: Position]
        let tables: [TableRoot]
        let setAside: [TableRoot]
    }

    /// Where the live projection stands, what its rows are and what it has set aside, at one instant. What it has discarded by
    /// then is so here, too.
    private func liveDigest(_ store: ProjectionStore) throws -> LiveDigest {
        let (digest, freed) = try ReadOnlyDatabase(path: files.currentPath()).snapshot { live in
            let digest = LiveDigest(
                vector: try live.progress().mapValues(\.position), tables: try live.roots(of: projection),
                setAside: try live.setAsideRoots())
            return (digest, try store.adopt(from: live))
        }
        try store.retry(freed: freed, readers)
        return digest
    }

    /// The live full-text indexes against their content; needs the write lock for a moment, writes nothing.
    private func isLiveFullTextWhole() throws -> Bool {
        guard projection.tables.contains(where: { $0.kind == .fullText }) else { return true }
        return try withLive(readonly: false) { database in
            guard let connection = database.sqliteConnection else { throw ReaderFailure("the database is closed") }
            return try TableDigest.brokenFullText(of: projection.tables, in: connection) == nil
        }
    }

    /// One transaction on the live database.
    private func withLive<Value>(readonly: Bool = true, _ body: (Database) throws -> Value) throws -> Value {
        var configuration = Configuration()
        configuration.readonly = readonly
        configuration.busyMode = .timeout(5)
        let queue = try DatabaseQueue(path: try files.currentPath(), configuration: configuration)
        defer { closeQuietly(queue) }
        return readonly ? try queue.read(body) : try queue.writeWithoutTransaction(body)
    }

    /// A read-only handle has nothing to lose.
    private func closeQuietly(_ queue: DatabaseQueue) {
        do { try queue.close() } catch { return }
    }
}
