internal import CZeroMQ

/// The release of libzmq that this process runs with.
package enum ZeroMQVersion {
    /// As in `4.3.4`.
    package static var text: String {
        var numbers: (Int32, Int32, Int32) = (0, 0, 0)
        unsafe zmq_version(&numbers.0, &numbers.1, &numbers.2)
        return "\(numbers.0).\(numbers.1).\(numbers.2)"
    }
}
