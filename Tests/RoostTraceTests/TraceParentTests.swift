import RoostCore
import RoostTrace
import Testing

@Suite("The header traceparent")
struct TraceParentTests {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let span = "b7ad6b7169203331"

    @Test("A valid header is read, and passed on in version 00 with the flags that are known")
    func valid() {
        let header = "00-\(Self.trace)-\(Self.span)-01"
        #expect(TraceParent(header)?.traceID == Self.trace && TraceParent(header)?.spanID == Self.span)
        for (given, passed) in [("01", "01"), ("00", "00"), ("03", "03"), ("ff", "03"), ("08", "00")] {
            let parent = TraceParent("00-\(Self.trace)-\(Self.span)-\(given)")
            #expect(parent?.description == "00-\(Self.trace)-\(Self.span)-\(passed)")
        }
        for newer in ["01-\(Self.trace)-\(Self.span)-01", "cc-\(Self.trace)-\(Self.span)-01-what-comes"] {
            #expect(TraceParent(newer)?.description == header, "\(newer)")
        }
    }

    @Test(
        "What the standard asks to ignore is ignored",
        arguments: [
            "", "00", "ff-\(trace)-\(span)-01", "ff-\(trace)-\(span)-01-more",
            "00-00000000000000000000000000000000-\(span)-01", "00-\(trace)-0000000000000000-01",
            "00-\(trace.uppercased())-\(span)-01", "00-\(trace)-\(span)-0A", "0G-\(trace)-\(span)-01",
            "00-\(trace)-\(span)-01-", "00-\(trace)-\(span)-01-more", "01-\(trace)-\(span)-01.more",
            "01-\(trace)-\(span)-0123", "00-\(trace)-\(span)-1", "00-\(trace)\(span)--01", "00_\(trace)_\(span)_01",
            " 00-\(trace)-\(span)-01", "00-\(trace)-\(span)-01 ", "00-\(trace)-\(span)-+1",
            "00-\(trace.dropLast())é-\(span)-01", "00-\(trace)-\(span)-01, 00-\(trace)-\(span)-01",
        ])
    func invalid(_ header: String) {
        #expect(TraceParent(header) == nil)
    }

    @Test("After an event comes the span of the event, in the trace of the chain, sampled as it was asked for")
    func afterEvent() {
        let event = EventID(bits: 0x0190_b7a0_0000_7000_8000_0000_0000_00ab)
        let chain = CorrelationID(bits: 0x0190_b7a0_0000_7000_8000_0000_0000_0001)
        let own = TraceParent(after: event, of: chain)
        #expect(own.description == "00-0190b7a0000070008000000000000001-80000000000000ab-01")
        #expect(TraceParent(own.description) == own)
        let asked = TraceParent(after: event, of: chain, askedBy: TraceParent("00-\(Self.trace)-\(Self.span)-00"))
        #expect(asked.description == "00-0190b7a0000070008000000000000001-80000000000000ab-00")
    }
}
