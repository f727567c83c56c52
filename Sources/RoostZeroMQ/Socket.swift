internal import CZeroMQ
internal import Glibc

/// A ZeroMQ socket, confined to its thread: every call from elsewhere traps. It never blocks.
///
/// The thread keeps it until `close`, and refuses to end while it is open.
@safe package final class Socket {
    package enum Kind: Sendable {
        case pub, sub, push, pull, router, dealer, pair

        var number: Int32 {
            switch self {
            case .pub: ZMQ_PUB
            case .sub: ZMQ_SUB
            case .push: ZMQ_PUSH
            case .pull: ZMQ_PULL
            case .router: ZMQ_ROUTER
            case .dealer: ZMQ_DEALER
            case .pair: ZMQ_PAIR
            }
        }
    }

    /// What a Unix socket's address holds.
    private static let pathBytesMax = 107

    let kind: Kind
    let thread: SocketThread
    let options: SocketOptions
    /// nil once closed.
    private(set) var handle: UnsafeMutableRawPointer?
    /// Hears whom this socket turned away.
    var refusals: Socket?
    private var endpoints: [String] = []
    private var readable: (() -> Void)?
    private var writable: (() -> Void)?

    /// For messages to people.
    package var name: String { "\(kind) socket \(endpoints.joined(separator: ", "))" }

    /// Only on `thread`.
    package init(_ kind: Kind, on thread: SocketThread, options: SocketOptions = SocketOptions()) throws(ZeroMQError) {
        thread.assertCurrent("A new \(kind) socket")
        guard let handle = unsafe zmq_socket(try thread.context(), kind.number) else {
            throw ZeroMQError(call: "zmq_socket", "no \(kind) socket could be made")
        }
        self.kind = kind
        self.thread = thread
        self.options = options
        unsafe self.handle = handle
        thread.sockets.append(self)
        do throws(ZeroMQError) {
            try apply(options)
        } catch {
            close()
            throw error
        }
    }

    /// Listens; returns the endpoint with its wildcards resolved.
    package func bind(_ endpoint: String) throws(ZeroMQError) -> String {
        guard unsafe zmq_bind(try open(), endpoint) == 0 else {
            throw ZeroMQError(call: "zmq_bind", Self.bindAdvice(endpoint, zmq_errno()))
        }
        endpoints.append(endpoint)
        return try lastEndpoint()
    }

    /// Starts connecting; the peer may come later, and come back.
    package func connect(_ endpoint: String) throws(ZeroMQError) {
        guard unsafe zmq_connect(try open(), endpoint) == 0 else {
            throw ZeroMQError(call: "zmq_connect", "'\(endpoint)' is no endpoint; write tcp://HOST:PORT or ipc://PATH")
        }
        endpoints.append(endpoint)
    }

    /// Drops the connection and what is queued for it; without effect when there is none.
    package func disconnect(_ endpoint: String) throws(ZeroMQError) {
        endpoints.removeAll { $0 == endpoint }
        guard unsafe zmq_disconnect(try open(), endpoint) != 0, zmq_errno() != ENOENT else { return }
        throw ZeroMQError(call: "zmq_disconnect", "'\(endpoint)' could not be disconnected")
    }

    /// Wants every message whose first frame starts with `prefix`. SUB only.
    package func subscribe(_ prefix: String) throws(ZeroMQError) { try set(ZMQ_SUBSCRIBE, prefix) }

    package func unsubscribe(_ prefix: String) throws(ZeroMQError) { try set(ZMQ_UNSUBSCRIBE, prefix) }

    /// `handler` is called on the thread, turn after turn, while a message can be received. nil ends that.
    package func onReadable(_ handler: (() -> Void)?) {
        thread.assertCurrent(name)
        readable = handler
        thread.pollSetIsStale = true
    }

    /// `handler` is called once, on the thread, when a message can be sent. nil takes it back.
    package func onWritable(_ handler: (() -> Void)?) {
        thread.assertCurrent(name)
        writable = handler
        thread.pollSetIsStale = true
    }

    /// Safe to call again.
    package func close() {
        thread.assertCurrent(name)
        guard let handle = unsafe handle else { return }
        closeMonitor()
        unsafe zmq_close(handle)
        unsafe self.handle = nil
        readable = nil
        writable = nil
        thread.sockets.removeAll { $0 === self }
        thread.pollSetIsStale = true
    }

    /// What the thread waits for on behalf of this socket.
    var interest: Int16 {
        Int16(readable == nil ? 0 : ZMQ_POLLIN) | Int16(writable == nil ? 0 : ZMQ_POLLOUT)
    }

    func handle(_ events: Int16) {
        if events & Int16(ZMQ_POLLIN) != 0 { readable?() }
        guard events & Int16(ZMQ_POLLOUT) != 0, let handler = writable else { return }
        onWritable(nil)
        handler()
    }

    /// The open handle, on the right thread.
    func open() throws(ZeroMQError) -> UnsafeMutableRawPointer {
        thread.assertCurrent(name)
        guard let handle = unsafe handle else {
            throw ZeroMQError(errno: ENOTSOCK, call: "Socket", "the \(kind) socket is closed")
        }
        return unsafe handle
    }

    private func lastEndpoint() throws(ZeroMQError) -> String {
        var count = 512
        var text = [CChar](repeating: 0, count: count)
        guard unsafe zmq_getsockopt(try open(), ZMQ_LAST_ENDPOINT, &text, &count) == 0 else {
            throw ZeroMQError(call: "zmq_getsockopt", "the bound endpoint could not be read")
        }
        return String(decoding: text.prefix(max(0, count - 1)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func bindAdvice(_ endpoint: String, _ error: Int32) -> String {
        switch error {
        case EADDRINUSE: "cannot listen on \(endpoint): another process does; stop it or choose another endpoint"
        case EACCES: "cannot listen on \(endpoint): not allowed; choose a port above 1023 or a directory of your own"
        case ENAMETOOLONG:
            "cannot listen on \(endpoint): the path is over \(pathBytesMax) bytes; shorten it"
        default: "cannot listen on \(endpoint); write tcp://HOST:PORT or ipc://PATH in a directory that exists"
        }
    }
}
