import Foundation

/// Thrown when the fast path gives up. Never leaves this module.
struct NeedsFoundation: Error {}

/// The hand that writes: a trivial value, so containers copy it without reference counting.
struct JSONWriter {
    let state: UnsafeMutablePointer<EncodingState>

    @inline(__always)
    func focus(_ depth: Int, _ serial: UInt32) throws {
        if !state.pointee.focus(depth, serial) { throw giveUp() }
    }

    @inline(__always)
    func key(_ key: some CodingKey) {
        state.pointee.comma()
        state.pointee.output.put(string: key.stringValue)
        state.pointee.output.put(UInt8(ascii: ":"))
    }

    @inline(__always)
    func null() { state.pointee.output.put("null") }
    @inline(__always)
    func boolean(_ value: Bool) { state.pointee.output.put(value ? "true" : "false") }
    @inline(__always)
    func string(_ value: String) { state.pointee.output.put(string: value) }
    @inline(__always)
    func integer(_ value: some FixedWidthInteger) { state.pointee.output.put(integer: value) }

    func number<Number: BinaryFloatingPoint & CustomStringConvertible>(_ value: Number) throws {
        guard value.isFinite else { throw giveUp() }
        state.pointee.output.put(number: value.description)
    }

    @inline(__always)
    func value<Value: Encodable>(_ value: Value) throws {
        if try special(value) { return }
        let depth = state.pointee.depth
        let start = state.pointee.output.count
        do {
            try value.encode(to: ValueEncoder(writer: self, start: start, type: Value.self))
        } catch {
            state.pointee.needsFoundation = true
            throw error
        }
        state.pointee.close(to: depth)
        if state.pointee.output.count == start { state.pointee.output.put("{}") }
    }

    /// The few types that JSON writes in another way than they write themselves.
    @inline(__always)
    private func special<Value: Encodable>(_ value: Value) throws -> Bool {
        if Value.self == Data.self || Value.self == URL.self || Value.self == Decimal.self {
            return try foundation(value)
        }
        return false
    }

    private func foundation(_ value: Any) throws -> Bool {
        switch value {
        case let data as Data: string(data.base64EncodedString())
        case let url as URL: string(url.absoluteString)
        case let decimal as Decimal:
            guard decimal.isFinite else { throw giveUp() }
            state.pointee.output.put(decimal.description)
        default: return false
        }
        return true
    }

    func giveUp() -> NeedsFoundation {
        state.pointee.needsFoundation = true
        return NeedsFoundation()
    }
}
