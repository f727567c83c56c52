import Glibc
import RoostCore
import RoostZeroMQ
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SocketTests {
    @Test("A message arrives whole, over ipc and tcp", arguments: ["ipc", "tcp"])
    func messagesArriveWhole(transport: String) async throws {
        let thread = SocketThread(name: "test")
        let received = Received(on: thread)
        let endpoint = try await thread.run { () throws in
            let router = try Socket(.router, on: thread)
            router.onReadable { received.take(router) }
            let bound = try router.bind(Scratch.endpoint(transport))
            let dealer = try Socket(.dealer, on: thread)
            try dealer.connect(bound)
            dealer.onWritable {
                let large = [UInt8](repeating: 7, count: 100_000)
                #expect(received.send([Bytes("head"), Bytes([]), Bytes(large)], on: dealer))
            }
            received.keep([router, dealer])
            return bound
        }
        await received.wait(for: 1)
        let message = try #require(received.messages.first)
        #expect(message.map(\.count) == [5, 4, 0, 100_000])
        #expect(endpoint.hasPrefix(transport))
        await received.close()
    }

    @Test("Endless work does not keep messages and timers from their turn")
    func fairness() async throws {
        let thread = SocketThread(name: "test")
        let received = Received(on: thread)
        let fired = Fired()
        let storm = Storm(thread: thread)
        storm.rage()
        try await thread.run { () throws in
            let router = try Socket(.router, on: thread)
            router.onReadable { received.take(router) }
            let dealer = try Socket(.dealer, on: thread)
            try dealer.connect(try router.bind("tcp://127.0.0.1:*"))
            dealer.onWritable { #expect(received.send([Bytes("through")], on: dealer)) }
            thread.schedule(after: .milliseconds(1)) { fired.add(1) }
            received.keep([router, dealer])
        }
        await received.wait(for: 1)
        while fired.values.isEmpty {
            usleep(500)
            await Task.yield()
        }
        storm.calm()
        await received.close()
    }

    @Test("A busy port is refused with the endpoint in the message")
    func busyPort() async throws {
        let thread = SocketThread(name: "test")
        await thread.run {
            do {
                let first = try Socket(.router, on: thread)
                defer { first.close() }
                let bound = try first.bind("tcp://127.0.0.1:*")
                let second = try Socket(.pub, on: thread)
                defer { second.close() }
                let error = #expect(throws: ZeroMQError.self) { try second.bind(bound) }
                #expect(error?.errno == EADDRINUSE)
                #expect(error?.message.contains(bound) == true)
            } catch {
                Issue.record(error)
            }
        }
        thread.shutdown()
    }

    @Test("A send to nobody is refused, not queued and not blocked")
    func sendToNobody() async throws {
        let thread = SocketThread(name: "test")
        try await thread.run { () throws in
            let router = try Socket(.router, on: thread)
            defer { router.close() }
            #expect(try router.send([Bytes("nobody"), Bytes("hello")]) == false)
            let dealer = try Socket(.dealer, on: thread)
            defer { dealer.close() }
            try dealer.connect(Scratch.endpoint("ipc"))
            #expect(try dealer.send([Bytes("hello")]) == false)
        }
        thread.shutdown()
    }

    @Test("A subscriber that connects before its publisher exists is served when it comes, by topic")
    func earlySubscriber() async throws {
        let thread = SocketThread(name: "test")
        let received = Received(on: thread)
        let publisher = try await thread.run { () throws in
            let endpoint = Scratch.endpoint("ipc")
            let subscriber = try Socket(.sub, on: thread)
            try subscriber.connect(endpoint)
            try subscriber.subscribe("orders.")
            subscriber.onReadable { received.take(subscriber) }
            let publisher = try Socket(.pub, on: thread)
            _ = try publisher.bind(endpoint)
            received.keep([subscriber, publisher])
            return Kept(publisher)
        }
        while received.messages.isEmpty {
            try await thread.run { () throws in
                #expect(try publisher.socket.send([Bytes("stock.1"), Bytes("no")]))
                #expect(try publisher.socket.send([Bytes("orders.1"), Bytes("yes")]))
            }
            usleep(2000)
        }
        #expect(received.texts.allSatisfy { $0 == "yes" })
        await received.close()
    }

    @Test("A message of too many frames is cut, so that it is seen to be wrong")
    func tooManyFrames() async throws {
        let thread = SocketThread(name: "test")
        let received = Received(on: thread)
        try await thread.run { () throws in
            let router = try Socket(.router, on: thread)
            router.onReadable { received.take(router) }
            let dealer = try Socket(.dealer, on: thread)
            try dealer.connect(try router.bind("tcp://127.0.0.1:*"))
            dealer.onWritable {
                let frames = (0..<1000).map { Bytes(String($0)) }
                #expect(received.send(frames, on: dealer))
            }
            received.keep([router, dealer])
        }
        await received.wait(for: 1)
        #expect(received.messages.first?.count == Socket.framesMax + 1)
        await received.close()
    }

    /// libzmq takes some garbage for messages of its first protocol version: they arrive, and are for codecs to refuse.
    @Test("Garbage on a bound port changes nothing for others", arguments: [Socket.Kind.router, .sub])
    func garbage(kind: Socket.Kind) async throws {
        let thread = SocketThread(name: "test")
        let received = Received(on: thread)
        let port = try await thread.run { () throws in
            let socket = try Socket(kind, on: thread)
            if kind == .sub { try socket.subscribe("") }
            socket.onReadable { received.take(socket) }
            let bound = try socket.bind("tcp://127.0.0.1:*")
            received.keep([socket])
            return try #require(UInt16(bound.split(separator: ":").last.map(String.init) ?? ""))
        }
        var random = SeededRandom(seed: 4711)
        for round in 0..<50 {
            let bytes = (0..<(1 + round * 37)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            Scratch.sendRaw(bytes, port: port)
        }
        try await thread.run { () throws in
            let sender = try Socket(kind == .sub ? .pub : .dealer, on: thread)
            try sender.connect("tcp://127.0.0.1:\(port)")
            received.keep([sender])
        }
        while !received.texts.contains("sound") {
            await thread.run { received.sendFromLast(Bytes("sound")) }
            usleep(2000)
        }
        await received.close()
    }
}

/// A socket on its way between closures that all run on its thread.
struct Kept: @unchecked Sendable {
    // @unchecked: used on the socket's own thread only, which the socket itself checks.
    let socket: Socket
    init(_ socket: Socket) { self.socket = socket }
}

/// What arrived, and the sockets of one test.
final class Received: Sendable {
    let thread: SocketThread
    private let list = Mutex<[[SharedBytes]]>([])
    private let sockets = Mutex<[Kept]>([])
    var messages: [[SharedBytes]] { list.withLock { $0 } }

    init(on thread: SocketThread = SocketThread(name: "test")) { self.thread = thread }

    /// The last frames.
    var texts: [String] {
        messages.map { $0.last?.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } ?? "" }
    }

    func keep(_ more: [Socket]) {
        let kept = more.map(Kept.init)
        sockets.withLock { $0 += kept }
    }

    func take(_ socket: Socket) {
        do {
            while let message = try socket.receive() { list.withLock { $0.append(message) } }
        } catch {
            Issue.record(error)
        }
    }

    func sendFromLast(_ frame: Bytes) {
        guard let sender = sockets.withLock({ $0.last }) else { return }
        _ = send([frame], on: sender.socket)
    }

    func send(_ frames: [Bytes], on socket: Socket) -> Bool {
        do {
            return try socket.send(frames)
        } catch {
            Issue.record(error)
            return false
        }
    }

    func wait(for count: Int) async {
        while messages.count < count {
            usleep(500)
            await Task.yield()
        }
    }

    func close() async {
        let all = sockets.withLock { $0 }
        await thread.run { for kept in all { kept.socket.close() } }
        thread.shutdown()
    }
}

/// Work that makes more work.
private final class Storm: Sendable {
    private let thread: SocketThread
    private let isOver = Atomic<Bool>(false)
    init(thread: SocketThread) { self.thread = thread }

    func rage() {
        guard !isOver.load(ordering: .relaxed) else { return }
        thread.perform { self.rage() }
    }

    func calm() { isOver.store(true, ordering: .relaxed) }
}

enum Scratch {
    private static let number = Atomic<Int>(0)

    /// A directory that does not exist yet.
    static func directory() -> String {
        let number = number.add(1, ordering: .relaxed).newValue
        let directory = "/tmp/roost-test-\(getpid())-\(number)"
        return directory
    }

    static func endpoint(_ transport: String) -> String {
        guard transport != "tcp" else { return "tcp://127.0.0.1:*" }
        let directory = directory()
        mkdir(directory, 0o700)
        return "ipc://\(directory)/socket"
    }

    /// Connects as no ZeroMQ peer would and sends bytes.
    static func sendRaw(_ bytes: [UInt8], port: UInt16) {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { Glibc.close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { return }
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}

/// The same numbers for the same seed.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
