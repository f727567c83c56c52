internal import CZeroMQ

extension Socket {
    func apply(_ options: SocketOptions) throws(ZeroMQError) {
        try set(ZMQ_LINGER, options.lingerMilliseconds)
        try set(ZMQ_SNDHWM, options.sendHighWater)
        try set(ZMQ_RCVHWM, options.receiveHighWater)
        try set(ZMQ_MAXMSGSIZE, options.messageBytesMax)
        try set(ZMQ_RECONNECT_IVL, options.reconnectMilliseconds)
        try set(ZMQ_RECONNECT_IVL_MAX, options.reconnectMillisecondsMax)
        switch kind {
        case .router: try set(ZMQ_ROUTER_MANDATORY, Int32(options.isMandatory ? 1 : 0))
        case .dealer, .push: try set(ZMQ_IMMEDIATE, Int32(options.isImmediate ? 1 : 0))
        case .pub, .sub, .pull, .pair: break
        }
        try apply(options.security)
    }

    func set(_ option: Int32, _ value: some FixedWidthInteger) throws(ZeroMQError) {
        var value = value
        try unsafe check(option, zmq_setsockopt(try open(), option, &value, MemoryLayout.size(ofValue: value)))
    }

    func set(_ option: Int32, _ text: String) throws(ZeroMQError) {
        try unsafe check(option, zmq_setsockopt(try open(), option, text, text.utf8.count))
    }

    private func check(_ option: Int32, _ result: Int32) throws(ZeroMQError) {
        guard result != 0 else { return }
        throw ZeroMQError(call: "zmq_setsockopt", "option \(option) of the \(kind) socket was refused")
    }
}
