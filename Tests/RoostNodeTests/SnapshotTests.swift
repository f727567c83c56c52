import Foundation
import GRDB
import RoostCore
import RoostLog
import RoostNode
import RoostTesting
import RoostZeroMQ
import Shop
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
        var loader = try #require(kinds["stock"]).loader(stream, PayloadCodec.json.makeDecoder())
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
        #expect(try SnapshotStore.reading(path: path)?.count == 1)
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

    @Test("Samples that fold to other states make another identity")
    func identity() throws {
        #expect(try FoldIdentity(of: Stock.self) == FoldIdentity(of: Stock.self))
        #expect(try FoldIdentity(of: Stock.self).digest != FoldIdentity(of: OtherStock.self).digest)
    }
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
