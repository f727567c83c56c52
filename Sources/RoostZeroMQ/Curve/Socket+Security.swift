internal import CZeroMQ

extension Socket {
    func apply(_ security: SocketSecurity) throws(ZeroMQError) {
        switch security {
        case .none: return
        case .server(let pair, let allowed):
            try thread.guardServer(allowed)
            isGuarded = true
            try set(ZMQ_CURVE_SERVER, Int32(1))
            try set(ZMQ_CURVE_SECRETKEY, pair.secretKey)
        case .client(let pair, let server):
            try set(ZMQ_CURVE_SERVERKEY, server)
            try set(ZMQ_CURVE_PUBLICKEY, pair.publicKey)
            try set(ZMQ_CURVE_SECRETKEY, pair.secretKey)
        }
    }

    /// `handler` is called on the thread for every peer that was turned away: no CURVE, a wrong key, or none that is
    /// allowed. Call it before `bind`.
    package func onRefused(_ handler: @escaping () -> Void) throws(ZeroMQError) {
        let endpoint = "inproc://refused-\(thread.nextNumber())"
        let events =
            ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL
            | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
        guard unsafe zmq_socket_monitor(try open(), endpoint, events) == 0 else {
            throw ZeroMQError(call: "zmq_socket_monitor", "refused peers of \(name) cannot be counted")
        }
        let monitor = try Socket(.pair, on: thread)
        refusals = monitor
        try monitor.connect(endpoint)
        monitor.onReadable {
            do throws(ZeroMQError) {
                if try monitor.receive() != nil { handler() }
            } catch {
                monitor.onReadable(nil)
            }
        }
    }
}

extension SocketThread {
    /// Puts one more server behind the thread's allow-list, which the first one brings.
    func guardServer(_ allowed: Set<String>) throws(ZeroMQError) {
        if let allowList, allowList.servers > 0 { return allowList.addServer() }
        allowList = try AllowList(allowed, on: self)
    }
}
