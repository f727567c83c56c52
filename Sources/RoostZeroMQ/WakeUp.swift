internal import CZeroMQ
internal import Glibc

/// Interrupts a thread that waits in `zmq_poll`. Any thread may signal; signals before the next wait merge into one.
struct WakeUp: Sendable {
    let descriptor: Int32

    init() {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        precondition(descriptor >= 0, "no eventfd to be had: raise the limit of open files (errno \(errno))")
    }

    func signal() {
        // Fails only when the counter is full: then the thread is awake anyway.
        _ = eventfd_write(descriptor, 1)
    }

    func clear() {
        var count: UInt64 = 0
        _ = unsafe eventfd_read(descriptor, &count)
    }

    func close() { _ = Glibc.close(descriptor) }
}
