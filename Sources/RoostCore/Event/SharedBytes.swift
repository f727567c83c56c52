/// Bytes that never change, shared without copying. Whoever holds a slice keeps them alive.
public final class SharedBytes: @unchecked Sendable {
    // @unchecked: the bytes are written before `init` returns and only read afterwards.
    private let start: UnsafeMutableRawPointer
    private let release: @Sendable () -> Void
    /// How many bytes there are.
    public let count: Int

    /// Takes over memory that nobody writes any more; `release` gives it back and may run on any thread.
    package init(adopting start: UnsafeMutableRawPointer, count: Int, release: @escaping @Sendable () -> Void) {
        self.start = start
        self.count = count
        self.release = release
    }

    /// Copies `bytes`.
    public convenience init(_ bytes: UnsafeRawBufferPointer) {
        let copy = UnsafeMutableRawPointer.allocate(byteCount: max(1, bytes.count), alignment: 16)
        if let base = bytes.baseAddress { copy.copyMemory(from: base, byteCount: bytes.count) }
        nonisolated(unsafe) let owned = copy
        self.init(adopting: copy, count: bytes.count) { owned.deallocate() }
    }

    /// Copies `bytes`.
    public convenience init(_ bytes: [UInt8]) {
        let copy = UnsafeMutableRawPointer.allocate(byteCount: max(1, bytes.count), alignment: 16)
        bytes.withUnsafeBytes { if let base = $0.baseAddress { copy.copyMemory(from: base, byteCount: $0.count) } }
        nonisolated(unsafe) let owned = copy
        self.init(adopting: copy, count: bytes.count) { owned.deallocate() }
    }

    deinit { release() }

    /// The bytes, valid only inside `body`.
    @inline(__always)
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: start, count: count))
    }
}

/// A part of some shared bytes: the payload of a command or an event.
public struct Bytes: Sendable {
    /// Kept alive by this slice, whole.
    public let owner: SharedBytes
    /// Where the slice starts in `owner`, in bytes.
    public let offset: Int
    /// The length of the slice in bytes.
    public let count: Int

    /// Traps when the range does not lie inside `owner`.
    public init(_ owner: SharedBytes, offset: Int, count: Int) {
        precondition(offset >= 0 && count >= 0 && offset + count <= owner.count, "slice outside its bytes")
        self.owner = owner
        self.offset = offset
        self.count = count
    }

    /// Copies `bytes`.
    public init(_ bytes: [UInt8]) { self.init(SharedBytes(bytes), offset: 0, count: bytes.count) }
    /// Copies the UTF-8 of `text`.
    public init(_ text: String) { self.init(Array(text.utf8)) }

    /// The bytes of the slice, valid only inside `body`.
    @inline(__always)
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try owner.withUnsafeBytes { bytes throws(Failure) in
            try body(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset &+ count]))
        }
    }

    /// A copy of the bytes.
    public var array: [UInt8] { withUnsafeBytes { Array($0) } }
    /// The bytes as text; malformed UTF-8 is repaired, as it is only ever shown.
    public var text: String { withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
}
