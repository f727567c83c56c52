import Logging
import RoostCluster
import Synchronization

/// What log lines of a process carry beside their constant text.
enum LogKey: String {
    case reason, endpoints, waitingFor, gaps, partition, position, stream, epoch, head, correlation, contract, kind
}

/// Tells the log of a process what it tells its supervisor: each change of its state, and every repair.
struct StatusLog {
    let logger: Logger

    func note(_ before: ProcessStatus, _ now: ProcessStatus) {
        if now.endpoints != before.endpoints {
            log("listening", .endpoints, now.endpoints.joined(separator: " "))
        }
        if now.ready, !before.ready { logger.info("ready") }
        if let what = now.waitingFor, what != before.waitingFor { log("waiting", .waitingFor, what) }
        let gaps = now.counters["gaps"] ?? 0
        if gaps > before.counters["gaps"] ?? 0 {
            log("events were missed on the bus and read from the log", .gaps, "\(gaps)")
        }
    }

    private func log(_ text: Logger.Message, _ key: LogKey, _ value: String) {
        logger.info(text, metadata: [key.rawValue: "\(value)"])
    }
}

/// Tells words that are new from those that were said the last time.
final class LastWords: Sendable {
    private let last = Mutex<String?>(nil)

    /// The words, unless they are the same as before; nil for none.
    func new(_ words: String?) -> String? {
        last.withLock { last in
            defer { last = words }
            return words == last ? nil : words
        }
    }
}
