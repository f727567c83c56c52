import Glibc
import RoostCluster
import Synchronization

/// What the supervisor tells the proxy: wakes its loop from the thread that listens.
final class ProxyOrders: Sendable {
    private struct State {
        var hasChanged = false
        var isEnded = false
    }

    private let ends: (read: Int32, write: Int32)
    private let state = Mutex(State())

    init() throws(ProxyError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw ProxyError(call: "pipe", address: "the proxy") }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        self.ends = (ends[0], ends[1])
    }

    /// For `poll`.
    var descriptor: Int32 { ends.read }
    var isEnded: Bool { state.withLock { $0.isEnded } }

    /// Listens until this process ends.
    func watch() {
        LifePipe.watch(onOrder: { order in
            if order == .faults { self.note { $0.hasChanged = true } }
        }) {
            self.note { $0.isEnded = true }
        }
    }

    /// Whether the list of faults changed since the last call.
    func take() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 64)
        while read(ends.read, &buffer, buffer.count) > 0 {}
        return state.withLock { state in
            defer { state.hasChanged = false }
            return state.hasChanged
        }
    }

    private func note(_ change: (inout State) -> Void) {
        state.withLock { change(&$0) }
        var byte: UInt8 = 1
        _ = write(ends.write, &byte, 1)
    }
}
