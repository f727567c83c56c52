import Foundation
import RoostCore
import RoostLog
import RoostTesting
import Testing

@testable import RoostNode

/// A log of as many events of one stream as are asked for, made when they are read: it takes no memory.
private struct EndlessReader: PartitionReader {
    let partition = Jars.partition
    let count: UInt64

    func events(after position: Position, limit: Int) throws(EventLogError) -> EventPage {
        let last = min(count, position.rawValue + UInt64(limit))
        guard last > position.rawValue else { return .empty }
        var writer = EventWriter(capacity: limit * 256)
        let stream = StreamName(unchecked: "stock/a")
        var offsets: [Int] = []
        for number in position.rawValue + 1...last {
            let context = CommandContext(
                stream: stream, commandID: CommandID(unchecked: "\(number)"), fingerprint: 0,
                correlationID: CorrelationID(bits: 1))
            let event = NewEvent(
                eventID: EventID(bits: UInt128(number)), type: "JarFilled",
                payload: Bytes(number == 1 ? #"{"grams":-1}"# : #"{"grams":1}"#), occurred: Timestamp(seconds: 1))
            let offset = writer.append(context, event)
            writer.place(
                at: offset, position: Position(number), version: StreamVersion(number), recorded: Timestamp(seconds: 1),
                epoch: Epoch(1))
            offsets.append(offset)
        }
        return EventPage(checked: writer.finish(), offsets: offsets)
    }

    func head() throws(EventLogError) -> LogHead { throw EventLogError(.missing, "not here") }
    func claim() throws(EventLogError) -> Claim? { nil }
    func claims() throws(EventLogError) -> [Claim] { [] }
    func events(of stream: StreamName, from version: StreamVersion, limit: Int) throws(EventLogError) -> EventPage {
        .empty
    }
    func version(of stream: StreamName) throws(EventLogError) -> StreamVersion { .none }
    func receipt(of command: CommandID, in stream: StreamName) throws(EventLogError) -> Receipt? { nil }
    func events(correlation: CorrelationID) throws(EventLogError) -> EventPage { .empty }
    func event(_ id: EventID) throws(EventLogError) -> RecordedEvent? { nil }
    func counts(through position: Position) throws(EventLogError) -> [String: UInt64] {
        ["JarFilled": position.rawValue]
    }
    func kinds() throws(EventLogError) -> [KindCount] { [] }
    func commit(holding position: Position) throws(EventLogError) -> CommitRecord? { nil }
    func verify(progress: (Position) -> Void) throws(EventLogError) -> [LogFinding] { [] }
}

@Suite("A million parked events", .timeLimit(.minutes(5)))
struct MillionTests {
    private static let count: UInt64 = 1_000_000
    /// Far less than a million of anything.
    private static let growthMax = 64 << 20

    @Test("Case 8: A million parked events are applied in bounded memory, also over a crash in between")
    func streams() async throws {
        try await Jars.with { jars in
            let reader = EndlessReader(count: Self.count)
            try Self.park(reader, jars)
            let stream = try StreamName("stock/a")
            let before = try Self.residentBytes()
            var (done, peak) = (UInt64(0), 0)
            // Two lives: the first ends somewhere in the middle.
            for end in [Self.count / 2, Self.count] {
                let store = try jars.store(Jars.Mended.self)
                while done < end {
                    guard case .done(let events, _) = try store.retry(stream, from: { _ in reader }) else {
                        throw ReaderFailure("refused after \(done)")
                    }
                    done += events
                    peak = max(peak, try Self.residentBytes())
                }
                #expect(store.progress(Jars.partition).parked == Self.count - done)
                try store.close()
            }
            #expect(peak - before < Self.growthMax, "\((peak - before) >> 20) MiB more")
            let store = try jars.store(Jars.Mended.self)
            #expect(try jars.rows(store) == ["a": [Int64(Self.count) - 2, Int64(Self.count)]])
            #expect(store.parkedStreams.isEmpty && store.progress(Jars.partition).applied == Self.count)
            try store.close()
        }
    }

    private static func park(_ reader: EndlessReader, _ jars: Jars) throws {
        let store = try jars.store(Jars.Fragile.self)
        while store.progress(Jars.partition).position.rawValue < count {
            let page = try reader.events(after: store.progress(Jars.partition).position, limit: 10_000)
            try store.transaction { try store.apply(page, of: Jars.partition) }
        }
        #expect(store.progress(Jars.partition).parked == count)
        try store.close()
    }

    private static func residentBytes() throws -> Int {
        let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return (Int(pages[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
