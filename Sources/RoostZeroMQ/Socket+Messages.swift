internal import CZeroMQ
internal import Glibc
package import RoostCore

extension Socket {
    /// Frames of one message that are kept; a longer message is cut to one frame more, so that it is seen to be wrong.
    package static let framesMax = 4

    /// Sends a message whole or not at all. False when it cannot be queued now: the peer is unknown or not connected,
    /// or its queue is full. A PUB socket drops instead, silently.
    package func send(_ frames: [Bytes]) throws(ZeroMQError) -> Bool {
        let handle = try unsafe open()
        precondition(!frames.isEmpty, "a message has at least one frame")
        var isQueued = true
        for index in frames.indices {
            let flags = ZMQ_DONTWAIT | (index == frames.count - 1 ? 0 : ZMQ_SNDMORE)
            let error = unsafe Self.send(frames[index], handle, flags)
            guard error != 0 else { continue }
            guard Self.isRefusal(error) else {
                throw ZeroMQError(errno: error, call: "zmq_msg_send", "\(name) cannot send")
            }
            if index == 0 { return false }
            // The peer went away in the middle: libzmq swallows the rest of the message, up to its last frame.
            isQueued = false
        }
        return isQueued
    }

    /// The next message with all its frames; nil when there is none now.
    package func receive() throws(ZeroMQError) -> [SharedBytes]? { try receive(framesMax: Self.framesMax) }

    func receive(framesMax: Int) throws(ZeroMQError) -> [SharedBytes]? {
        let handle = try unsafe open()
        var frames: [SharedBytes] = []
        while true {
            // In memory of its own: libzmq keeps small bodies inside the structure, so it must never move.
            let message = UnsafeMutablePointer<zmq_msg_t>.allocate(capacity: 1)
            unsafe zmq_msg_init(message)
            guard unsafe Self.receive(message, handle) else {
                let error = zmq_errno()
                unsafe zmq_msg_close(message)
                unsafe message.deallocate()
                guard error != EAGAIN else { return nil }
                throw ZeroMQError(errno: error, call: "zmq_msg_recv", "\(name) cannot receive")
            }
            let hasMore = unsafe zmq_msg_more(message) != 0
            if frames.count <= framesMax {
                unsafe frames.append(Self.adopt(message))
            } else {
                unsafe zmq_msg_close(message)
                unsafe message.deallocate()
            }
            guard hasMore else { return frames }
        }
    }

    /// 0 or the error.
    private static func send(_ frame: Bytes, _ handle: UnsafeMutableRawPointer, _ flags: Int32) -> Int32 {
        unsafe frame.withUnsafeBytes { bytes in
            while unsafe zmq_send(handle, bytes.baseAddress, bytes.count, flags) < 0 {
                let error = zmq_errno()
                if error != EINTR { return error }
            }
            return 0
        }
    }

    private static func receive(_ message: UnsafeMutablePointer<zmq_msg_t>, _ handle: UnsafeMutableRawPointer) -> Bool {
        while unsafe zmq_msg_recv(message, handle, ZMQ_DONTWAIT) < 0 {
            if zmq_errno() != EINTR { return false }
        }
        return true
    }

    private static func isRefusal(_ error: Int32) -> Bool { error == EAGAIN || error == EHOSTUNREACH }

    /// The message lives as long as its bytes are shared.
    private static func adopt(_ message: UnsafeMutablePointer<zmq_msg_t>) -> SharedBytes {
        // Handed from this thread to whoever drops the last reference; nobody else touches the structure.
        nonisolated(unsafe) let owned = unsafe message
        let release: @Sendable () -> Void = {
            unsafe zmq_msg_close(owned)
            unsafe owned.deallocate()
        }
        guard let start = unsafe zmq_msg_data(message) else {
            release()
            return SharedBytes([UInt8]())
        }
        return unsafe SharedBytes(adopting: start, count: zmq_msg_size(message), release: release)
    }
}
