internal import CZeroMQ

extension Socket {
    /// `ZMQ_ZAP_ENFORCE_DOMAIN`, which headers declare for drafts only: without an allow-list nobody is let in.
    private static let enforceDomain: Int32 = 93

    func apply(_ security: SocketSecurity) throws(ZeroMQError) {
        switch security {
        case .none: return
        case .server(let pair, let allowed):
            let domain = "server-\(thread.nextNumber())"
            try thread.openAllowList().allow(allowed, in: domain)
            try set(ZMQ_ZAP_DOMAIN, domain)
            try set(Self.enforceDomain, Int32(1))
            try set(ZMQ_CURVE_SERVER, Int32(1))
            try set(ZMQ_CURVE_SECRETKEY, pair.secretKey)
        case .client(let pair, let server):
            try set(ZMQ_CURVE_SERVERKEY, server)
            try set(ZMQ_CURVE_PUBLICKEY, pair.publicKey)
            try set(ZMQ_CURVE_SECRETKEY, pair.secretKey)
        }
    }

    /// `handler` is called on the thread for every peer that a CURVE server turned away (no CURVE, a wrong key, or none
    /// that is allowed), and on a client whenever a server says that its key is not allowed. Call it before `bind` or
    /// `connect`. Without effect on sockets that ask for no keys.
    package func onRefused(_ handler: @escaping () -> Void) throws(ZeroMQError) {
        guard let events = refusalEvents else { return }
        let endpoint = "inproc://refused-\(thread.nextNumber())"
        guard unsafe zmq_socket_monitor(try open(), endpoint, events) == 0 else {
            throw ZeroMQError(call: "zmq_socket_monitor", "refused peers of \(name) cannot be counted")
        }
        var options = SocketOptions()
        // libzmq waits while its monitor's queue is full, and with it everything else: small events, so no limit.
        options.receiveHighWater = 0
        let monitor = try Socket(.pair, on: thread, options: options)
        refusals = monitor
        try monitor.connect(endpoint)
        monitor.onReadable {
            do throws(ZeroMQError) {
                while try monitor.receive() != nil { handler() }
            } catch {
                monitor.onReadable(nil)
            }
        }
    }

    /// To a client a handshake may fail for many reasons; only one of them proves that its key is not wanted.
    private var refusalEvents: Int32? {
        switch options.security {
        case .none: nil
        case .client: ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
        case .server:
            ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL
                | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
        }
    }

    /// The monitor goes first: one that nobody listens to would stop libzmq.
    func closeMonitor() {
        guard let refusals, let handle = unsafe handle else { return }
        unsafe zmq_socket_monitor(handle, nil, 0)
        refusals.close()
        self.refusals = nil
    }
}

extension SocketThread {
    /// The list that all servers of the thread ask; made for the first one.
    func openAllowList() throws(ZeroMQError) -> AllowList {
        if let allowList { return allowList }
        let made = try AllowList(on: self)
        allowList = made
        return made
    }
}
