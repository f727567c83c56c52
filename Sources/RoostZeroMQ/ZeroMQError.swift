internal import CZeroMQ

/// A call of libzmq or of the system that failed: which one, why, and what to do next.
package struct ZeroMQError: Error, Hashable, Sendable, CustomStringConvertible {
    package let errno: Int32
    package let call: String
    /// What was tried and what would help.
    package let message: String

    package init(errno: Int32, call: String, _ message: String) {
        self.errno = errno
        self.call = call
        self.message = message
    }

    /// The failure that libzmq has just reported on this thread.
    init(call: String, _ message: String) { self.init(errno: zmq_errno(), call: call, message) }

    package var description: String { unsafe "\(message): \(String(cString: zmq_strerror(errno))) (\(call))" }
}
