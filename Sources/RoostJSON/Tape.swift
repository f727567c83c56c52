import Foundation

/// What a node of a tape is.
enum NodeKind: UInt8 { case null, `false`, `true`, number, string, array, object }

/// One value, or one key, of a document. The nodes of a container follow it; a member is its key and its value.
struct TapeNode {
    let kind: NodeKind
    /// A string with escapes, or a number with a fraction or an exponent.
    let isComplex: Bool
    /// Bytes of a string or number; members or elements of a container.
    var count: UInt32
    /// Where a string or number begins in the document. Of an object: the key to look at first.
    var offset: UInt32
    /// The node after this value and all it contains.
    var next: UInt32
}

/// Everything a running decode changes: behind one pointer, as in `EncodingState`.
struct TapeState: ~Copyable {
    var base: UnsafePointer<UInt8>
    private(set) var nodes: UnsafeMutablePointer<TapeNode>
    private(set) var count = 0
    /// The newest number that did not fit its type.
    var misfit: Int?
    /// The keys that each object was asked for, there or not; nil while nobody wants to know.
    var asked: [Int: Set<String>]?
    private var capacity = 256
    /// Stands for the bytes of no document.
    private let nothing = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)

    init() {
        nodes = .allocate(capacity: capacity)
        base = UnsafePointer(nothing)
    }

    deinit {
        nodes.deallocate()
        nothing.deallocate()
    }

    mutating func reset(_ bytes: UnsafeRawBufferPointer) {
        base = bytes.baseAddress.map { $0.assumingMemoryBound(to: UInt8.self) } ?? UnsafePointer(nothing)
        count = 0
        misfit = nil
        if asked != nil { asked = [:] }
    }

    @inline(__always)
    mutating func append(_ node: TapeNode) -> Int {
        if count == capacity { grow() }
        nodes[count] = node
        count &+= 1
        return count &- 1
    }

    @inline(never)
    private mutating func grow() {
        let grown = UnsafeMutablePointer<TapeNode>.allocate(capacity: capacity * 2)
        grown.update(from: nodes, count: count)
        nodes.deallocate()
        nodes = grown
        capacity *= 2
    }
}

/// A document as a list of nodes that point into its bytes; strings and numbers are read when asked for.
/// A trivial value: valid as long as the decoder it belongs to works on this document.
struct Tape {
    let state: UnsafeMutablePointer<TapeState>

    @inline(__always)
    subscript(index: Int) -> TapeNode { state.pointee.nodes[index] }

    @inline(__always)
    func text(_ index: Int) -> UnsafeBufferPointer<UInt8> {
        let node = self[index]
        return UnsafeBufferPointer(start: state.pointee.base + Int(node.offset), count: Int(node.count))
    }

    @inline(__always)
    func isNull(_ index: Int) -> Bool { self[index].kind == .null }

    @inline(__always)
    func boolean(_ index: Int) -> Bool? {
        switch self[index].kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    @inline(__always)
    func string(_ index: Int) -> String? {
        let node = self[index]
        guard node.kind == .string else { return nil }
        return node.isComplex ? JSONText.unescaped(text(index)) : String(decoding: text(index), as: UTF8.self)
    }

    /// The node of the value under `key`; nil when the object has no such member. Fields asked for in the order in
    /// which they were written are found at once, because each search begins where the last one ended.
    @inline(__always)
    func member(of object: Int, _ key: consuming String) -> Int? {
        if state.pointee.asked != nil { note(copy key, of: object) }
        return key.withUTF8 { key in
            let end = Int(self[object].next)
            let first = object &+ 1
            guard first < end else { return nil }
            let start = Int(self[object].offset) < end ? Int(self[object].offset) : first
            var index = start
            repeat {
                if matches(index, key) {
                    state.pointee.nodes[object].offset = self[index &+ 1].next
                    return index &+ 1
                }
                index = Int(self[index &+ 1].next)
                if index >= end { index = first }
            } while index != start
            return nil
        }
    }

    @inline(__always)
    private func matches(_ index: Int, _ key: UnsafeBufferPointer<UInt8>) -> Bool {
        let node = self[index]
        if node.isComplex { return JSONText.unescaped(text(index)).utf8.elementsEqual(key) }
        guard Int(node.count) == key.count else { return false }
        guard let start = key.baseAddress else { return true }
        return memcmp(state.pointee.base + Int(node.offset), start, key.count) == 0
    }

    /// The keys of an object, in the order of the document.
    func keys(of object: Int) -> [String] {
        var keys: [String] = []
        keys.reserveCapacity(Int(self[object].count))
        var index = object + 1
        while index < Int(self[object].next) {
            keys.append(string(index) ?? "")
            index = Int(self[index + 1].next)
        }
        return keys
    }
}
