import Logging
import RoostCluster

/// What log lines of a process carry beside their constant text.
enum LogKey: String {
    case reason, endpoints, waitingFor, gaps, partition, epoch, head, correlation, contract, kind
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
