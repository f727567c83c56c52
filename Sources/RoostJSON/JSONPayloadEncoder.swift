import Foundation
public import RoostCore

/// Encodes any `Encodable` value as JSON; equal values have equal bytes, in every process.
///
/// Keys come in the order in which the value writes them (the order of declaration), those of dictionaries and the
/// elements of sets sorted. Dates, data, URLs and decimals look as Foundation's encoder writes them by default. Uses
/// of Codable that one pass cannot write (going back to a finished container, `superEncoder`) are left to Foundation.
/// One owner at a time: not thread-safe, and not to be called again inside `body`.
public final class JSONPayloadEncoder: PayloadEncoder {
    private let state = UnsafeMutablePointer<EncodingState>.allocate(capacity: 1)

    /// Keeps its buffers between values: make one and use it again.
    public init() { state.initialize(to: EncodingState()) }

    deinit {
        state.deinitialize(count: 1)
        state.deallocate()
    }

    /// The bytes are valid only inside `body`. Throws what the value throws, or Foundation's error for what is no JSON.
    public func encode<Value: Encodable, Result>(
        _ value: Value, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        precondition(!state.pointee.isLent, "an encoder cannot encode while its bytes are in use")
        state.pointee.isLent = true
        defer { state.pointee.isLent = false }
        guard writes(value) else { return try Self.foundation(value).withUnsafeBytes(body) }
        return try body(state.pointee.output.bytes)
    }

    /// The JSON of a value as an array of its own.
    public func bytes(_ value: some Encodable) throws -> [UInt8] { try encode(value) { Array($0) } }

    /// False when Foundation must write the value, or must say what is wrong with it.
    private func writes(_ value: some Encodable) -> Bool {
        state.pointee.reset()
        do { try JSONWriter(state: state).value(value) } catch { return false }
        return !state.pointee.needsFoundation
    }

    private static func foundation(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }
}
