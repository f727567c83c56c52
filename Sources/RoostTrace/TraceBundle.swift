/// Several chains in one file. Document `roost.traces/1`.
package struct TraceBundle: Codable, Sendable {
    package static let schema = "roost.traces/1"

    package let schema: String
    package let traces: [Trace]

    package init(_ traces: [Trace]) {
        schema = Self.schema
        self.traces = traces
    }
}
