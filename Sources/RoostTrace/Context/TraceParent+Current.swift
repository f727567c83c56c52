import Instrumentation

extension TraceParent {
    /// The span in which this is called, as the process's tracer writes it; nil where there is none.
    package static var current: TraceParent? {
        guard let context = ServiceContext.current else { return nil }
        var fields: [String: String] = [:]
        InstrumentationSystem.instrument.inject(context, into: &fields, using: FieldInjector())
        return fields["traceparent"].flatMap { TraceParent($0) }
    }
}

private struct FieldInjector: Injector {
    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
        carrier[key.lowercased()] = value
    }
}
