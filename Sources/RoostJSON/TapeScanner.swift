/// Where a document stops being JSON, and what should have been there.
struct ScanProblem: Error {
    let offset: Int
    let expected: StaticString
}

/// One pass over a document: checks all of its syntax and leaves a tape.
struct TapeScanner {
    private static let depthMax = 512
    private let tape: Tape
    private let bytes: UnsafeBufferPointer<UInt8>
    private let base: UnsafePointer<UInt8>
    private let end: Int
    private var index = 0

    /// Replaces what `tape` held. The tape points into `document`, which must stay.
    static func scan(_ document: UnsafeRawBufferPointer, into tape: Tape) throws(ScanProblem) {
        guard document.count <= Int(Int32.max) else {
            throw ScanProblem(offset: 0, expected: "a document of at most 2 GiB")
        }
        tape.state.pointee.reset(document)
        var scanner = TapeScanner(tape, document.count)
        try UTF8Check.check(scanner.bytes)
        try scanner.value(depth: 0)
        scanner.skipSpace()
        if scanner.index < scanner.end { throw scanner.problem("the end of the document") }
    }

    private init(_ tape: Tape, _ count: Int) {
        self.tape = tape
        base = tape.state.pointee.base
        bytes = UnsafeBufferPointer(start: base, count: count)
        end = count
    }

    private func problem(_ expected: StaticString) -> ScanProblem { ScanProblem(offset: index, expected: expected) }

    @inline(__always)
    private mutating func skipSpace() {
        while index < end {
            let byte = base[index]
            guard byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            index &+= 1
        }
    }

    /// Moves past `byte`, after any space, if it is next.
    @inline(__always)
    private mutating func skip(_ byte: UInt8) -> Bool {
        skipSpace()
        guard index < end, base[index] == byte else { return false }
        index &+= 1
        return true
    }

    private mutating func value(depth: Int) throws(ScanProblem) {
        skipSpace()
        guard index < end else { throw problem("a value, not the end of the document") }
        guard depth < Self.depthMax else { throw problem("at most 512 levels of nesting") }
        switch base[index] {
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "{"): try object(depth)
        case UInt8(ascii: "["): try array(depth)
        case UInt8(ascii: "t"): try word("true", .true)
        case UInt8(ascii: "f"): try word("false", .false)
        case UInt8(ascii: "n"): try word("null", .null)
        default: try number()
        }
    }

    private mutating func object(_ depth: Int) throws(ScanProblem) {
        let node = open(.object)
        var members: UInt32 = 0
        if !skip(UInt8(ascii: "}")) {
            repeat {
                skipSpace()
                guard index < end, base[index] == UInt8(ascii: "\"") else { throw problem("a key in quotation marks") }
                try string()
                guard skip(UInt8(ascii: ":")) else { throw problem("a colon after the key") }
                try value(depth: depth &+ 1)
                members &+= 1
            } while skip(UInt8(ascii: ","))
            guard skip(UInt8(ascii: "}")) else { throw problem("a comma or the end of the object") }
        }
        close(node, members)
    }

    private mutating func array(_ depth: Int) throws(ScanProblem) {
        let node = open(.array)
        var elements: UInt32 = 0
        if !skip(UInt8(ascii: "]")) {
            repeat {
                try value(depth: depth &+ 1)
                elements &+= 1
            } while skip(UInt8(ascii: ","))
            guard skip(UInt8(ascii: "]")) else { throw problem("a comma or the end of the array") }
        }
        close(node, elements)
    }

    private mutating func open(_ kind: NodeKind) -> Int {
        index &+= 1
        let node = tape.state.pointee.append(
            TapeNode(kind: kind, isComplex: false, count: 0, offset: 0, next: 0))
        tape.state.pointee.nodes[node].offset = UInt32(truncatingIfNeeded: node &+ 1)
        return node
    }

    private func close(_ node: Int, _ count: UInt32) {
        tape.state.pointee.nodes[node].count = count
        tape.state.pointee.nodes[node].next = UInt32(truncatingIfNeeded: tape.state.pointee.count)
    }

    /// Adds a node without others inside it, from `start` up to `stop`.
    @inline(__always)
    private func leaf(_ kind: NodeKind, isComplex: Bool = false, _ start: Int, _ stop: Int) {
        let next = UInt32(truncatingIfNeeded: tape.state.pointee.count &+ 1)
        _ = tape.state.pointee.append(
            TapeNode(
                kind: kind, isComplex: isComplex, count: UInt32(truncatingIfNeeded: stop &- start),
                offset: UInt32(truncatingIfNeeded: start), next: next))
    }

    private mutating func word(_ word: StaticString, _ kind: NodeKind) throws(ScanProblem) {
        let start = index
        for offset in 0..<word.utf8CodeUnitCount {
            guard index < end, base[index] == word.utf8Start[offset] else { throw problem("true, false or null") }
            index &+= 1
        }
        leaf(kind, start, index)
    }

    private mutating func string() throws(ScanProblem) {
        index &+= 1
        let start = index
        var isComplex = false
        while true {
            skipPlain()
            guard index < end else { throw problem("a quotation mark at the end of the text") }
            switch base[index] {
            case UInt8(ascii: "\""):
                leaf(.string, isComplex: isComplex, start, index)
                index &+= 1
                return
            case UInt8(ascii: "\\"):
                isComplex = true
                try escape()
            default: throw problem("an escape such as \\n instead of a control character")
            }
        }
    }

    /// Moves to the next byte that cannot stand for itself in a string, or to the end.
    @inline(__always)
    private mutating func skipPlain() {
        while index &+ 8 <= end {
            let marks = JSONText.specials(UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self))
            if marks != 0 {
                index &+= marks.trailingZeroBitCount &>> 3
                return
            }
            index &+= 8
        }
        while index < end, !JSONText.isSpecial(base[index]) { index &+= 1 }
    }

    private mutating func escape() throws(ScanProblem) {
        guard index &+ 1 < end else { throw problem("the rest of an escape") }
        switch base[index &+ 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            index &+= 2
        case UInt8(ascii: "u"): try unicodeEscape()
        default: throw problem("one of the escapes \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u")
        }
    }

    private mutating func unicodeEscape() throws(ScanProblem) {
        guard let first = JSONText.codeUnit(bytes, at: index &+ 2) else {
            throw problem("four hexadecimal digits after \\u")
        }
        switch first {
        case 0xD800..<0xDC00:
            guard index &+ 8 <= end, base[index &+ 6] == UInt8(ascii: "\\"), base[index &+ 7] == UInt8(ascii: "u"),
                let second = JSONText.codeUnit(bytes, at: index &+ 8), (0xDC00..<0xE000).contains(second)
            else { throw problem("a second surrogate after the first") }
            index &+= 12
        case 0xDC00..<0xE000: throw problem("a first surrogate before the second")
        default: index &+= 6
        }
    }

    private mutating func number() throws(ScanProblem) {
        let start = index
        if base[index] == UInt8(ascii: "-") { index &+= 1 }
        guard index < end, isDigit(base[index]) else {
            index = start
            throw problem("a value")
        }
        if base[index] == UInt8(ascii: "0") {
            index &+= 1
            guard index == end || !isDigit(base[index]) else { throw problem("no digit after a leading zero") }
        } else {
            skipDigits()
        }
        let whole = index
        if index < end, base[index] == UInt8(ascii: ".") {
            index &+= 1
            guard skipDigits() else { throw problem("a digit after the decimal point") }
        }
        if index < end, base[index] | 0x20 == UInt8(ascii: "e") {
            index &+= 1
            if index < end, base[index] == UInt8(ascii: "+") || base[index] == UInt8(ascii: "-") { index &+= 1 }
            guard skipDigits() else { throw problem("a digit in the exponent") }
        }
        leaf(.number, isComplex: index != whole, start, index)
    }

    @inline(__always)
    private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    /// False when there was none.
    @inline(__always) @discardableResult
    private mutating func skipDigits() -> Bool {
        let start = index
        while index < end, isDigit(base[index]) { index &+= 1 }
        return index > start
    }
}
