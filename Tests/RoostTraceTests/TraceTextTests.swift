import RoostCore
import Testing

@testable import RoostTrace

@Suite("A trace on a terminal")
struct TraceTextTests {
    /// The order of `TraceTests`, with a timer of 40 minutes in it, observed by two readers.
    private func trace(lags: [String: Int64] = ["dashboard": 3, "fulfilment": 40]) throws -> Trace {
        var chain = try ChainBuilder.order()
        try chain.add(9, "OrderExpired", in: "order/1", partition: 0, position: 13, cause: 1, recordedAt: 2_400_000)
        let positions: [UInt32: UInt64] = [0: 13, 6: 5, 7: 9]
        let types: Set = ["OrderPlaced", "OrderPaid", "OrderShipped", "OrderExpired"]
        let trace = chain.trace(readers: lags.keys.sorted().map { reader($0, types, through: positions) })
        var notes = TraceNotes()
        notes.handled = Dictionary(
            trace.events.map { event in
                (
                    event.eventID,
                    lags.sorted { $0.key < $1.key }.map { name, lag in
                        Handling(
                            process: name, work: name == "dashboard" ? .apply : .react, startedAt: event.recordedAt,
                            endedAt: event.recordedAt + .milliseconds(lag), queued: 0, isFromLog: false, retries: 0)
                    }
                )
            }, uniquingKeysWith: { first, _ in first })
        return trace.adding(notes)
    }

    private func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }

    @Test("fits every width from 60 columns on, and always shows every event", arguments: [60, 80, 100, 120, 160, 200])
    func widths(_ columns: Int) throws {
        let trace = try trace()
        let lines = lines(TraceText(trace, columns: columns).text)
        #expect(lines.allSatisfy { $0.count <= columns }, "\(lines)")
        for event in trace.events { #expect(lines.contains { $0.contains(event.type) }) }
    }

    @Test("leaves out first what is needed least")
    func narrow() throws {
        let wide = TraceText(try trace(), columns: 100).text
        #expect(wide.contains("7:9"))
        let narrow = TraceText(try trace(), columns: 52).text
        #expect(!narrow.contains("7:9") && narrow.contains("stock/b #1"))
        let least = TraceText(try trace(), columns: 40).text
        #expect(least.contains("InventoryDecremented") && least.contains("…"))
    }

    @Test("shows in wide columns how long after its recording every reader had an event")
    func lags() throws {
        let text = TraceText(try trace(), columns: 160).text
        let rows = lines(text)
        #expect(rows[1].contains("dashboard") && rows[1].contains("fulfilment"))
        #expect(rows[2].contains("3.0 ms") && rows[2].contains("40.0 ms"), "\(rows[2])")
        #expect(text.contains("read within dashboard 3.0 ms, fulfilment 40.0 ms"))
    }

    @Test("squeezes a time without events into one line, and says how long it was")
    func idle() throws {
        let rows = lines(TraceText(try trace(), isFlat: true).text)
        let gap = try #require(rows.firstIndex { $0.contains("without an event") })
        #expect(rows[gap].contains("39 min 59 s"), "\(rows[gap])")
        #expect(rows[gap + 1].contains("+40 min") && rows[gap + 1].contains("OrderExpired"), "\(rows[gap + 1])")
    }

    @Test("calls out what was refused, what does not hold, and what was not observed")
    func footer() throws {
        let bare = try trace(lags: [:])
        var notes = TraceNotes()
        notes.handled = [:]
        notes.gaps = ObservationGaps(lostReports: 2, dropped: 30, removed: 0)
        notes.rejected = [
            RejectedCommand(
                at: Timestamp(seconds: 1), partition: PartitionID(6), stream: "stock/a", command: "Decrement",
                commandID: "c", correlationID: bare.correlationID, causationID: bare.events[0].eventID,
                code: "outOfStock", reason: "only 2 left")
        ]
        notes.findings = [
            CausalFinding(
                kind: .correlationChanged, contract: "an effect has the correlation ID of its cause",
                correlationID: bare.correlationID, eventID: bare.events[1].eventID, type: "OrderPaid",
                partition: PartitionID(0), position: Position(11), detail: "its cause belongs to chain 7")
        ]
        let text = TraceText(bare.adding(notes)).text
        #expect(
            text.contains(
                "refused Decrement to stock/a, which OrderPlaced order/1 #1 led to: outOfStock: only 2 left"))
        #expect(text.contains("correlation changed OrderPaid at 0:11: its cause belongs to chain 7"))
        #expect(text.contains("not everything was observed: 2 reports lost, 30 entries dropped"))
    }

    @Test(
        "says durations in the units that people use",
        arguments: [
            (300, "0.3 ms"), (38_940, "38.9 ms"), (2_717_000, "2.71 s"), (247_000_000, "4 min 7 s"),
            (11_520_000_000, "3 h 12 min"), (190_800_000_000, "2 d 5 h"), (3_600_000_000, "1 h"), (-5000, "-5.0 ms"),
        ])
    func words(_ microseconds: Int, _ words: String) {
        #expect(Duration.microseconds(microseconds).words == words)
    }

    @Test("numbers the levels of a chain too deep to be drawn")
    func deep() throws {
        var chain = ChainBuilder()
        for number in 1...60 {
            try chain.add(
                UInt128(number), "Answered", in: "pong/1", partition: 0, position: UInt64(number),
                cause: number == 1 ? nil : UInt128(number - 1), recordedAt: Int64(number))
        }
        let rows = lines(TraceText(chain.trace(), columns: 100).text)
        #expect(rows.count == 61 && rows.allSatisfy { $0.count <= 100 })
        #expect(rows[60].contains("59 …"))
    }
}
