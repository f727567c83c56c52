import Foundation
import Synchronization

/// Wakes the supervisor's loop from other threads and from signal handlers.
final class Wakeup: Sendable {
    enum Reason: UInt8, Sendable {
        case childEnded = 99
        case stopRequested = 115
    }

    private let pipe: Pipe

    init() throws(SystemCallError) {
        pipe = try Pipe.make()
        _ = fcntl(pipe.read, F_SETFL, O_NONBLOCK)
        _ = fcntl(pipe.write, F_SETFL, O_NONBLOCK)
    }

    deinit {
        // A handler that runs from now on finds no descriptor to write to.
        _ = signalDescriptor.compareExchange(expected: pipe.write, desired: -1, ordering: .sequentiallyConsistent)
        close(pipe.read)
        close(pipe.write)
    }

    /// Somebody at the keyboard asked for the stop.
    var wasInterrupted: Bool { stopSignal.load(ordering: .sequentiallyConsistent) == SIGINT }

    /// For `poll`.
    var descriptor: Int32 { pipe.read }

    func wake(_ reason: Reason) {
        var byte = reason.rawValue
        _ = write(pipe.write, &byte, 1)
    }

    /// What happened since the last call.
    func take() -> [Reason] {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = read(pipe.read, &buffer, buffer.count)
        return buffer.prefix(max(0, count)).compactMap(Reason.init(rawValue:))
    }

    /// From now on SIGTERM, SIGINT and SIGHUP ask this loop to stop, whichever thread they reach.
    func takeSignals() {
        signalDescriptor.store(pipe.write, ordering: .sequentiallyConsistent)
        for number in [SIGTERM, SIGINT, SIGHUP] {
            signal(number) { number in
                // Only calls that are allowed in a handler: atomics and a write.
                let saved = errno
                stopSignal.store(number, ordering: .sequentiallyConsistent)
                var byte = Reason.stopRequested.rawValue
                _ = write(signalDescriptor.load(ordering: .sequentiallyConsistent), &byte, 1)
                errno = saved
            }
        }
        signal(SIGPIPE, SIG_IGN)
    }
}

/// The signal that asked for the stop, 0 before.
private let stopSignal = Atomic<Int32>(0)

/// Where the signal handlers write: a handler can reach nothing but globals.
private let signalDescriptor = Atomic<Int32>(-1)
