/// A container that is still being written.
struct OpenContainer {
    /// How its members are put in order once it is complete.
    enum Ordering: UInt8 { case asWritten, byMember, byPair }
    let serial: UInt32
    /// Where its first member begins in the output.
    let start: Int
    let closing: UInt8
    let ordering: Ordering
}

/// Everything a running encode changes. It lives behind one pointer because properties of a class pay a dynamic
/// exclusivity check at every access, which was 38 % of all time.
struct EncodingState: ~Copyable {
    static let depthMax = 512

    var output = JSONOutput(capacity: 4096)
    private(set) var depth = 0
    /// The value did something legal but rare (or wrong): Foundation must write it, or say what is wrong with it.
    var needsFoundation = false
    /// Inside `encode`, whose bytes are lent: a second encode would overwrite them.
    var isLent = false
    private var lastSerial: UInt32 = 0
    private let containers = UnsafeMutablePointer<OpenContainer>.allocate(capacity: depthMax)

    deinit { containers.deallocate() }

    mutating func reset() {
        output.removeAll()
        depth = 0
        needsFoundation = false
    }

    @inline(__always)
    mutating func open(_ opening: UInt8, _ closing: UInt8, ordering: OpenContainer.Ordering) -> UInt32 {
        lastSerial &+= 1
        guard depth < Self.depthMax else {
            needsFoundation = true
            return lastSerial
        }
        output.put(opening)
        containers[depth] = OpenContainer(
            serial: lastSerial, start: output.count, closing: closing, ordering: ordering)
        depth &+= 1
        return lastSerial
    }

    @inline(__always)
    mutating func close(to target: Int) {
        while depth > target {
            depth &-= 1
            let container = containers[depth]
            if container.ordering != .asWritten { sortMembers(of: container) }
            output.put(container.closing)
        }
    }

    /// Makes the container with this serial the innermost one. False when it is complete already: Codable allows to
    /// go back to it, a writer in one pass cannot.
    @inline(__always)
    mutating func focus(_ target: Int, _ serial: UInt32) -> Bool {
        if depth != target {
            guard depth > target else { return false }
            close(to: target)
        }
        return containers[target &- 1].serial == serial
    }

    @inline(__always)
    mutating func comma() {
        let last = output.last
        if last != UInt8(ascii: "{"), last != UInt8(ascii: "[") { output.put(UInt8(ascii: ",")) }
    }
}
