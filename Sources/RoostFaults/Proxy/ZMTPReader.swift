/// A whole message on the wire, in all its frames.
struct ZMTPMessage: Hashable {
    /// Frames with their heads, as they came.
    var bytes: [UInt8]
    /// Where the bodies of the frames are in `bytes`.
    var bodies: [Range<Int>]
}

/// Takes the bytes of one direction of a ZMTP 3 connection apart, so that whole messages can be broken and the stream
/// never is. What it does not understand, such as encrypted connections, it hands on as it came.
struct ZMTPReader {
    enum Unit: Hashable {
        /// Greeting, handshake, commands, or anything on a connection that cannot be read.
        case bytes([UInt8])
        case message(ZMTPMessage)
    }

    private enum Phase { case greeting, frames, opaque }

    private static let greetingBytes = 64
    /// More than any message of a cluster.
    private static let messageBytesMax = 64 << 20

    private var phase = Phase.greeting
    private var greeting: [UInt8] = []
    private var unread: [UInt8] = []
    private var message = ZMTPMessage(bytes: [], bodies: [])

    /// Whether this connection cannot be read: then there are no messages.
    var isOpaque: Bool { phase == .opaque }

    /// What is complete with these bytes, in order. Nothing of a greeting is held back: the other side waits for it.
    mutating func read(_ bytes: some Collection<UInt8>) -> [Unit] {
        switch phase {
        case .opaque: return [.bytes(Array(bytes))]
        case .greeting: return readGreeting(Array(bytes))
        case .frames:
            unread.append(contentsOf: bytes)
            return readFrames()
        }
    }

    private mutating func readGreeting(_ bytes: [UInt8]) -> [Unit] {
        let part = Array(bytes.prefix(Self.greetingBytes - greeting.count))
        greeting += part
        guard Self.mayBeReadable(greeting) else {
            phase = .opaque
            return [.bytes(bytes)]
        }
        guard greeting.count == Self.greetingBytes else { return [.bytes(part)] }
        phase = .frames
        unread = Array(bytes.dropFirst(part.count))
        return [.bytes(part)] + readFrames()
    }

    /// Signature, major version 3 and the mechanism NULL, as far as they are there.
    private static func mayBeReadable(_ greeting: [UInt8]) -> Bool {
        let expected: [(place: Int, byte: UInt8)] =
            [(0, 0xFF), (9, 0x7F), (10, 3)]
            + Array("NULL".utf8).enumerated().map { (12 + $0.offset, $0.element) } + [(16, 0)]
        return expected.allSatisfy { $0.place >= greeting.count || greeting[$0.place] == $0.byte }
    }

    private mutating func readFrames() -> [Unit] {
        var units: [Unit] = []
        var start = 0
        while let frame = Frame(unread, at: start) {
            guard frame.isKnown, frame.bodyBytes <= Self.messageBytesMax - message.bytes.count else {
                return units + [giveUp(from: start)]
            }
            guard frame.end <= unread.count else { break }
            let bytes = unread[start..<frame.end]
            if frame.isCommand { units.append(.bytes(Array(bytes))) } else { take(frame, bytes, into: &units) }
            start = frame.end
        }
        unread.removeFirst(start)
        return units
    }

    private mutating func take(_ frame: Frame, _ bytes: ArraySlice<UInt8>, into units: inout [Unit]) {
        let body = message.bytes.count + frame.headBytes
        message.bytes += bytes
        message.bodies.append(body..<body + frame.bodyBytes)
        guard !frame.hasMore else { return }
        units.append(.message(message))
        message = ZMTPMessage(bytes: [], bodies: [])
    }

    /// From here on everything passes as it comes; who gets it decides.
    private mutating func giveUp(from start: Int) -> Unit {
        phase = .opaque
        defer {
            unread = []
            message.bytes = []
        }
        return .bytes(message.bytes + unread[start...])
    }
}

/// The head of a frame.
private struct Frame {
    let flags: UInt8
    let headBytes: Int
    let bodyBytes: Int
    let end: Int

    /// nil while the head is not complete.
    init?(_ bytes: [UInt8], at start: Int) {
        guard start < bytes.count else { return nil }
        flags = bytes[start]
        headBytes = flags & 2 != 0 ? 9 : 2
        guard start + headBytes <= bytes.count else { return nil }
        let count = bytes[start + 1..<start + headBytes].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        bodyBytes = Int(clamping: min(count, 1 << 40))
        end = start + headBytes + bodyBytes
    }

    var hasMore: Bool { flags & 1 != 0 }
    var isCommand: Bool { flags & 4 != 0 }
    /// No bit that this version of the protocol does not have.
    var isKnown: Bool { flags & ~7 == 0 }
}
