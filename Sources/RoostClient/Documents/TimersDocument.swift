package import RoostCore
import RoostNode

/// The commands that reactors have put off. Document `roost.timers/1`.
package struct TimersDocument: Encodable, Sendable {
    package struct Timer: Encodable, Sendable {
        package let reactor: String
        /// Where the command will go.
        package let stream: String
        package let timer: String
        package let due: Timestamp
        package let command: String
        package let commandID: String
        package let correlationID: CorrelationID
        /// The event that set it.
        package let causationID: EventID

        init(_ timer: PendingTimer, of reactor: String) {
            self.reactor = reactor
            stream = timer.request.stream.description
            self.timer = timer.name
            due = timer.due
            command = timer.request.command
            commandID = timer.request.commandID.description
            correlationID = timer.request.correlationID ?? CorrelationID(bits: 0)
            causationID = timer.request.causationID ?? EventID(bits: 0)
        }
    }

    package let schema = "roost.timers/1"
    /// By the clock of the reader.
    package let now: Timestamp
    /// How many are pending; `timers` may show fewer.
    package let count: Int
    /// The first to be due comes first.
    package let timers: [Timer]
}
