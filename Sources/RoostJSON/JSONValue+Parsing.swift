extension JSONValue {
    /// Throws with line and column where the text stops being JSON, and with the path of a key that appears twice.
    public static func parse(_ bytes: UnsafeRawBufferPointer) throws(JSONError) -> JSONValue {
        let state = UnsafeMutablePointer<TapeState>.allocate(capacity: 1)
        state.initialize(to: TapeState())
        defer {
            state.deinitialize(count: 1)
            state.deallocate()
        }
        let tape = Tape(state: state)
        do throws(ScanProblem) {
            try TapeScanner.scan(bytes, into: tape)
        } catch {
            throw JSONError(error, in: bytes)
        }
        var reader = DocumentReader(tape: tape)
        return try reader.value()
    }

    /// The same from an array of bytes.
    public static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in try parse(UnsafeRawBufferPointer(buffer)) }
    }

    /// The same from a text.
    public static func parse(_ text: String) throws(JSONError) -> JSONValue { try parse(Array(text.utf8)) }
}

/// Turns a tape into a tree, from front to back.
struct DocumentReader {
    let tape: Tape
    var node = 0

    mutating func value() throws(JSONError) -> JSONValue {
        let current = node
        node += 1
        switch tape[current].kind {
        case .null: return .null
        case .true: return .bool(true)
        case .false: return .bool(false)
        case .string: return .string(tape.string(current) ?? "")
        case .number: return try number(current)
        case .array: return try array(Int(tape[current].count))
        case .object: return try object(Int(tape[current].count))
        }
    }

    private func number(_ node: Int) throws(JSONError) -> JSONValue {
        if let integer: Int64 = tape.integer(node) { return .integer(integer) }
        guard let number = tape.double(node) else { throw JSONError(problem: "a number is too large") }
        return .number(number)
    }

    private mutating func array(_ count: Int) throws(JSONError) -> JSONValue {
        var elements: [JSONValue] = []
        elements.reserveCapacity(count)
        for index in 0..<count {
            do throws(JSONError) { elements.append(try value()) } catch { throw error.inside("[\(index)]") }
        }
        return .array(elements)
    }

    private mutating func object(_ count: Int) throws(JSONError) -> JSONValue {
        var object = JSONObject()
        var seen: Set<String> = []
        for _ in 0..<count {
            let key = tape.string(node) ?? ""
            node += 1
            guard seen.insert(key).inserted else { throw JSONError(problem: "the key is there twice").inside(key) }
            do throws(JSONError) { object.append(key, try value()) } catch { throw error.inside(key) }
        }
        return .object(object)
    }
}
