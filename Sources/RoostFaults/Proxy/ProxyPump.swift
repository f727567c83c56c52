import Glibc
import RoostCluster

/// Hands on the bytes of one direction of a connection. Used by one thread.
struct ProxyPump {
    /// More than this waits in the sender's own queues.
    private static let queuedBytesMax = 16 << 20

    private let link: ProxiedLink
    private let fromWriter: Bool
    private var reader = ZMTPReader()
    private var faults: MessageFaults
    private var active: [ActiveFault] = []
    private var wasOpaque = false
    /// In the order in which they leave.
    private var waiting: [MessageFaults.Delivery] = []
    private var waitingBytes = 0
    private var outbox: ArraySlice<UInt8> = []
    /// Nothing more comes.
    private var isEnded = false

    init(_ link: ProxiedLink, fromWriter: Bool) {
        self.link = link
        self.fromWriter = fromWriter
        faults = MessageFaults(link: link.name(fromWriter: fromWriter))
    }

    var wantsToRead: Bool { !isEnded && !faults.isCut && waitingBytes + outbox.count < Self.queuedBytesMax }
    var wantsToWrite: Bool { !outbox.isEmpty && !faults.isCut }
    /// Everything that came has left, and nothing more comes.
    var isDone: Bool { isEnded && waiting.isEmpty && outbox.isEmpty && faults.deadline == nil }
    var deadline: Duration? {
        faults.isCut ? nil : [waiting.first?.at, faults.deadline].compactMap { $0 }.min()
    }

    mutating func takeEffects() -> [Int: [String: Int64]] { faults.takeEffects() }

    mutating func update(_ active: [ActiveFault], at now: Duration) {
        self.active = active
        let own = link.faults(active, fromWriter: fromWriter, isReadable: !reader.isOpaque)
        queue(faults.update(own, at: now))
    }

    /// Takes what has arrived. Returns how many messages that were.
    mutating func read(from source: Int32, at now: Duration) -> Int {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = Glibc.read(source, &buffer, buffer.count)
        if count < 0, errno == EAGAIN || errno == EINTR { return 0 }
        guard count > 0 else {
            isEnded = true
            return 0
        }
        return take(buffer.prefix(count), at: now)
    }

    private mutating func take(_ bytes: ArraySlice<UInt8>, at now: Duration) -> Int {
        let units = reader.read(bytes)
        if reader.isOpaque, !wasOpaque {
            wasOpaque = true
            update(active, at: now)
        }
        var messages = 0
        for unit in units {
            switch unit {
            case .bytes(let bytes):
                queue([reader.isOpaque ? faults.pass(bytes, at: now) : faults.passAtOnce(bytes, at: now)])
            case .message(let message):
                messages += 1
                queue(faults.pass(message, at: now))
            }
        }
        return messages
    }

    private mutating func queue(_ deliveries: [MessageFaults.Delivery]) {
        waiting += deliveries
        waitingBytes += deliveries.reduce(0) { $0 + $1.bytes.count }
    }

    /// Moves on what is due. Returns false when the other side is gone.
    mutating func write(to sink: Int32, at now: Duration) -> Bool {
        queue(faults.due(at: now))
        guard !faults.isCut else { return true }
        let due = waiting.prefix { $0.at <= now }
        if !due.isEmpty {
            outbox = ArraySlice(outbox + due.flatMap(\.bytes))
            waitingBytes -= due.reduce(0) { $0 + $1.bytes.count }
            waiting.removeFirst(due.count)
        }
        while !outbox.isEmpty {
            let count = outbox.withUnsafeBytes { send(sink, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            if count < 0 { return errno == EAGAIN }
            outbox.removeFirst(count)
        }
        return true
    }
}
