import Foundation
import Synchronization

/// The child's side of the status channel: whole lines on the standard output, one at a time.
public final class StatusReporter: Sendable {
    /// Told of every change, the old status first; must not report itself.
    public typealias Observer = @Sendable (_ before: ProcessStatus, _ now: ProcessStatus) -> Void

    private let descriptor: Int32
    private let observer: Observer?
    private let counting: @Sendable () -> [String: Int64]
    private let last = Mutex<ProcessStatus?>(nil)

    /// `descriptor` is the standard output, where the supervisor listens.
    ///
    /// What `counting` returns is added to the counters of every status.
    public init(
        descriptor: Int32 = 1, counting: @escaping @Sendable () -> [String: Int64] = { [:] }, observer: Observer? = nil
    ) {
        self.descriptor = descriptor
        self.counting = counting
        self.observer = observer
    }

    /// Writes the status if it differs from the one before. When nobody listens any more, the life pipe tells.
    public func report(_ status: ProcessStatus) {
        update { $0 = status }
    }

    /// Changes the last status and reports it: `reporter.update { $0.ready = true }`.
    public func update(_ change: (inout ProcessStatus) -> Void) {
        last.withLock { last in
            var status = last ?? ProcessStatus()
            change(&status)
            status.counters.merge(counting()) { $1 }
            guard status != last else { return }
            observer?(last ?? ProcessStatus(), status)
            last = status
            write(status)
        }
    }

    /// Writes a line that is no status, such as the result of a rebuild, for whoever asked for it.
    public func send(line: some Encodable) {
        last.withLock { _ in write(line) }
    }

    private func write(_ value: some Encodable) {
        do {
            try FileText.writeAll(JSONText.line(value), to: descriptor)
        } catch {
            return
        }
    }
}
