import RoostCore
import Testing

@Suite("Times as text") struct TimestampTests {
    @Test("A day that its month does not have is no time")
    func days() {
        #expect(Timestamp("2024-02-29") != nil)
        for text in ["2026-02-29", "2026-02-30", "2026-04-31T10:00:00Z", "1900-02-29", "2026-01-00"] {
            #expect(Timestamp(text) == nil, "\(text)")
        }
    }
}
