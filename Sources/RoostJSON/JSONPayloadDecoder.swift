import Foundation
public import RoostCore

/// Decodes any `Decodable` value from JSON. Malformed JSON is refused whole, whatever part of it the value reads.
///
/// Accepts what Foundation's decoder accepts by default, but only UTF-8 and no comma before the end of a container.
/// Where a value does not fit, the error says where, and what was expected. Of a key that is written twice, one of the
/// values counts. One owner at a time: not thread-safe, and containers are invalid once `decode` returns.
public final class JSONPayloadDecoder: PayloadDecoder {
    private let state = UnsafeMutablePointer<TapeState>.allocate(capacity: 1)

    /// Keeps its buffers between values: make one and use it again.
    public convenience init() { self.init(notingKeys: false) }

    /// `notingKeys` is for `unknownKey`, and costs time.
    package init(notingKeys: Bool) {
        state.initialize(to: TapeState())
        if notingKeys { state.pointee.asked = [:] }
    }

    deinit {
        state.deinitialize(count: 1)
        state.deallocate()
    }

    /// Throws `JSONError`, or what the value itself throws.
    public func decode<Value: Decodable>(_ type: Value.Type, from bytes: UnsafeRawBufferPointer) throws -> Value {
        let tape = Tape(state: state)
        do {
            try TapeScanner.scan(bytes, into: tape)
        } catch {
            throw JSONError(error, in: bytes)
        }
        do {
            return try tape.value(type, 0)
        } catch is DecodingError {
            return try again(type, bytes)
        } catch is NeedsFoundation {
            return try again(type, bytes)
        }
    }

    /// A key of the newest document that its value never asked for, with its path, and the keys it did ask for beside it.
    /// nil where there is none or keys are not noted. To be asked right after a `decode` that did not throw, and while the
    /// bytes of that document are valid.
    package var unknownKey: (key: String, path: String, known: [String])? {
        let tape = Tape(state: state)
        return tape.unasked().map { ($0.key, tape.path(to: $0.member), $0.known.sorted()) }
    }

    /// The same from an array of bytes.
    public func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        try bytes.withUnsafeBytes { try decode(type, from: $0) }
    }

    /// Foundation decodes once more: either it understands more (`1.0` as an integer), or its error has the path.
    private func again<Value: Decodable>(_ type: Value.Type, _ bytes: UnsafeRawBufferPointer) throws -> Value {
        do {
            let value = try JSONDecoder().decode(type, from: Data(bytes))
            // What Foundation asked for is not known.
            Tape(state: state).noteAll(in: 0)
            return value
        } catch let error as DecodingError {
            throw JSONError(error, Tape(state: state))
        }
    }
}
