import RoostCluster
import Synchronization

/// Tells each change of a process once, as a line.
final class StateNarrator: Sendable {
    private let last = Mutex<[String: String]>([:])
    private let write: @Sendable (String) -> Void

    init(write: @escaping @Sendable (String) -> Void) { self.write = write }

    func changed(_ state: ClusterState) {
        for process in state.processes {
            let words = Self.words(process)
            let isNew = last.withLock { last in
                defer { last[process.name] = words }
                return last[process.name] != words
            }
            if isNew { write("\(process.name.padded(to: 12))  \(words)\n") }
        }
    }

    private static func words(_ process: ProcessState) -> String {
        let state = process.state.rawValue
        switch process.state {
        case .ready: return Paint.good(state) + "  " + process.endpoints.joined(separator: " ")
        case .paused: return Paint.bad(state) + (process.waitingFor.map { "  waits for \($0)" } ?? "")
        case .failed, .backoff: return Paint.bad(state) + "  " + (process.lastExit?.reason ?? "")
        case .starting: return state + (process.waitingFor.map { "  waits for \($0)" } ?? "")
        case .stopping, .stopped: return state
        }
    }
}

extension String {
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
