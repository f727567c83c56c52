import Foundation
import GRDB
import RoostCore
import RoostLog
import RoostNode
import RoostTesting
import RoostZeroMQ
import Shop
import Synchronization
import Testing

@Suite("Snapshots") struct SnapshotTests {
    private let path = NSTemporaryDirectory() + "roost-snapshots-\(UUID().uuidString).db"
    private let log = MemoryLog(
        identity: LogIdentity(
            id: LogID(bits: 7),
            placement: Placement(groups: [
                .init(name: "stock", categories: ["stock"], firstPartition: PartitionID(0), partitionCount: 1)
            ])))
    private let kinds = AggregateKind.byCategory(Domain(name: "stock", aggregates: [Stock.self]))
    private let stream = StreamName(unchecked: "stock/S")

    private func open() throws -> SnapshotStore { try SnapshotStore(path: path, logID: log.identity.id) }

    private func remove() {
        thread.shutdown()
        for file in [path, path + "-wal", path + "-shm"] { _ = try? FileManager.default.removeItem(atPath: file) }
    }

    /// Appends decrements, one a commit, from a number on.
    private func append(_ numbers: Range<Int>, to log: MemoryLog) async throws {
        let claim = Claim(
            process: "stock-0", incarnation: Incarnation(bits: UInt128(numbers.lowerBound + 1)), commandEndpoint: "",
            publishEndpoint: "", claimedAt: Timestamp(seconds: 1))
        let writer = try await log.claim(PartitionID(0), claim)
        for number in numbers {
            let context = CommandContext(
                stream: stream, commandID: try CommandID("c\(number)"), fingerprint: 1,
                correlationID: CorrelationID(bits: 1))
            let data =
                #"{"sku":"S","quantity":1,"order":"order/1","line":1,"level":\#(-number - 1),"lowThreshold":10}"#
            let event = NewEvent(
                eventID: EventID(bits: UInt128(number + 1)), type: "InventoryDecremented", payload: Bytes(data),
                occurred: Timestamp(seconds: 1))
            _ = try await writer.append(
                [Proposal(context, expected: .any, events: [event])], at: Timestamp(seconds: 1))
        }
        await writer.close()
    }

    private let thread = SocketThread(name: "aside")

    private func snapshotter(_ store: SnapshotStore) throws -> Snapshotter {
        Snapshotter(
            store: store, reader: try log.reader(PartitionID(0)), kinds: kinds, codec: .json,
            clock: ThreadClock(thread: thread), lane: thread)
    }

    private var fold: FoldIdentity { get throws { try #require(kinds["stock"]?.foldIdentity) } }

    /// What a fold of everything and one from the snapshot agree on.
    private func loaded(from snapshot: Snapshot?) throws -> Snapshot? {
        var loader = try #require(kinds["stock"]).fold(stream, PayloadCodec.json.makeEventDecoder())
        try loader.load(from: log.reader(PartitionID(0)), startingAt: snapshot)
        return try loader.snapshot(foldedAs: fold, at: Timestamp(seconds: 2))
    }

    @Test("Loading from a snapshot and the rest gives what loading everything gives")
    func law() async throws {
        defer { remove() }
        let store = try open()
        try await append(0..<30, to: log)
        try await snapshotter(store).make([stream, stream])
        let snapshot = try #require(try store.find(stream, foldedAs: fold))
        #expect(snapshot.version == StreamVersion(30) && snapshot.commands.count == 30)
        try await append(30..<45, to: log)
        let whole = try #require(try loaded(from: nil))
        #expect(whole.version == StreamVersion(45) && whole.commands.count == 45)
        #expect(try loaded(from: snapshot) == whole)
        // The next one is made from the last one.
        try await snapshotter(store).make([stream])
        #expect(try store.find(stream, foldedAs: fold)?.state == whole.state)
    }

    @Test("A snapshot of another fold, or whose event the log does not have, is not used")
    func unusable() async throws {
        defer { remove() }
        let store = try open()
        try await append(0..<10, to: log)
        try await snapshotter(store).make([stream])
        let made = try #require(try store.find(stream, foldedAs: fold))
        #expect(try store.find(stream, foldedAs: FoldIdentity(revision: 2, digest: fold.digest)) == nil)
        #expect(
            store.find(stream, foldedAs: FoldIdentity(revision: 1, digest: [UInt8](repeating: 0, count: 32))) == nil
        )
        let lying = { (version: UInt64, event: UInt128, state: String) in
            Snapshot(
                stream: stream, version: StreamVersion(version), eventID: EventID(bits: event), fold: made.fold,
                state: Array(state.utf8), commands: [], madeAt: made.madeAt)
        }
        let state = #"{"sku":"S","level":99,"lowThreshold":10}"#
        let whole = try loaded(from: nil)
        for snapshot in [lying(10, 4, state), lying(11, 11, state), lying(10, 10, "{}")] {
            #expect(try loaded(from: snapshot) == whole)
        }
        #expect(try loaded(from: lying(10, 10, state)) != whole, "a snapshot that fits is believed")
    }

    @Test("A damaged row counts as none, a damaged file and one of another log are made anew")
    func damage() async throws {
        defer { remove() }
        try await append(0..<10, to: log)
        var store = try open()
        try await snapshotter(store).make([stream])
        try store.close()
        #expect(try SnapshotStore.list(path: path)?.count == 1)
        let other = try SnapshotStore(path: path, logID: LogID(bits: 8))
        #expect(try other.find(stream, foldedAs: fold) == nil)
        try other.close()
        try Data(repeating: 7, count: 5000).write(to: URL(fileURLWithPath: path))
        store = try open()
        #expect(try store.find(stream, foldedAs: fold) == nil)
        try await snapshotter(store).make([stream])
        #expect(try store.find(stream, foldedAs: fold)?.version == StreamVersion(10))
        try store.close()
        try await DatabaseQueue(path: path).write { database in
            try database.execute(sql: "UPDATE snapshots SET state = CAST(replace(state, '-10', '-11') AS BLOB)")
            #expect(database.changesCount == 1)
        }
        #expect(try open().find(stream, foldedAs: fold) == nil)
    }

    @Test("A row whose columns are of other kinds counts as none")
    func otherKinds() throws {
        defer { remove() }
        try DatabaseQueue(path: path).write { database in
            try database.execute(
                sql: """
                    CREATE TABLE about(log TEXT NOT NULL, format TEXT NOT NULL);
                    CREATE TABLE snapshots(stream PRIMARY KEY, version, event_id, revision, digest, state, commands,
                        made_at, checksum) WITHOUT ROWID;
                    """)
            try database.execute(sql: "INSERT INTO about VALUES(?,'1')", arguments: [log.identity.id.description])
            try database.execute(
                sql: "INSERT INTO snapshots VALUES('stock/S','ten','event',x'00',1.5,7,NULL,'now','sum')")
        }
        #expect(try open().find(stream, foldedAs: fold) == nil)
        #expect(try SnapshotStore.list(path: path)?.isEmpty == true)
    }

    @Test("A host that loads a stream decides on its snapshot, and knows the commands it names")
    func hostLoads() async throws {
        defer { remove() }
        try await append(0..<120, to: log)
        let store = try open()
        let known = StableHash.folded("known")
        try store.keep([
            Snapshot(
                stream: stream, version: StreamVersion(120), eventID: EventID(bits: 120), fold: fold,
                state: Array(#"{"sku":"S","level":5000,"lowThreshold":10}"#.utf8), commands: [known],
                madeAt: Timestamp(seconds: 1))
        ])
        let answers = try await decide(["known", "fresh"], store)
        #expect(answers.map(\.outcome) == [.rejected, .accepted] && answers[0].code == "commandIDReused")
        let newest = try #require(try log.reader(PartitionID(0)).events(after: Position(120), limit: 9).first)
        #expect(newest.payload.text.contains(#""level":4999"#), "\(newest.payload.text)")
        // Without it every event is folded.
        let whole = try await decide(["later"], nil)
        #expect(whole[0].outcome == .accepted)
        let last = try #require(try log.reader(PartitionID(0)).events(after: Position(121), limit: 9).first)
        #expect(last.payload.text.contains(#""level":4998"#), "the newest event says the level")
    }

    /// What a host of its own answers to decrements with these command IDs.
    private func decide(_ ids: [String], _ store: SnapshotStore?) async throws -> [CommandAnswer] {
        let executors = ThreadExecutors(name: "host")
        let clock = ThreadClock(thread: executors.work)
        let claim = Claim(
            process: "stock-0", incarnation: Incarnation(bits: UInt128(ids.count) << 64), commandEndpoint: "",
            publishEndpoint: "", claimedAt: clock.now)
        let reader = try log.reader(PartitionID(0))
        let pipeline = try PartitionPipeline(
            writer: try await log.claim(PartitionID(0), claim), log: log, kinds: kinds, codec: .json,
            ids: UniqueIDs(random: SeededRandom(seed: 1)), endpoint: "", outlet: NoBus(), clock: clock,
            executors: executors,
            snapshots: store.map { SnapshotKeeping(store: $0, reader: reader, onFailure: { _ in }) })
        let port = Answers()
        pipeline.host.admit(
            ids.enumerated().map { index, id in
                let request = CommandRequest(
                    number: UInt64(index), partition: PartitionID(0), deadline: clock.now + .seconds(20),
                    stream: stream,
                    command: "DecrementInventory", commandID: CommandID(unchecked: id),
                    payload: Bytes(#"{"quantity":1,"order":"order/1","line":1}"#))
                return CommandDelivery(request: request, port: port)
            })
        pipeline.host.inbox.close()
        try await pipeline.run()
        executors.shutdown()
        return port.all.sorted { $0.number < $1.number }
    }

    @Test("Samples that fold to other states, or show less than every kind of event, make another identity or none")
    func identity() throws {
        let identity = try #require(FoldIdentity(of: Stock.self))
        #expect(identity == FoldIdentity(of: Stock.self))
        #expect(try #require(FoldIdentity(of: OtherStock.self)).digest != identity.digest)
        #expect(FoldIdentity(of: UnshownStock.self) == nil)
        #expect(FoldIdentity.kindsWithoutSample(UnshownStock.self) == ["StockLow"])
    }
}

private struct NoBus: BusOutlet {
    func publish(_ message: BusMessage) {}
}

private final class Answers: AnswerPort {
    private let answers = Mutex<[CommandAnswer]>([])
    var all: [CommandAnswer] { answers.withLock { $0 } }
    func deliver(_ more: [CommandAnswer]) { answers.withLock { $0 += more } }
}

/// Folds the same events alike, but shows less of them.
private enum UnshownStock: Aggregate {
    static let category = Stock.category
    static let samples = Array(Stock.samples.dropLast())
    static func initial(id: String) -> Stock.State { Stock.initial(id: id) }
    static func decide(_ command: StockCommand, _ state: Stock.State) throws -> [StockEvent] { [] }
    static func evolve(_ state: inout Stock.State, _ event: StockEvent) { Stock.evolve(&state, event) }
}

/// Folds the same events otherwise.
private enum OtherStock: Aggregate {
    static let category = Stock.category
    static let samples = Stock.samples
    static func initial(id: String) -> Stock.State { Stock.initial(id: id) }
    static func decide(_ command: StockCommand, _ state: Stock.State) throws -> [StockEvent] { [] }
    static func evolve(_ state: inout Stock.State, _ event: StockEvent) {
        Stock.evolve(&state, event)
        state.level += 1
    }
}
