import RoostCore
import RoostLog
package import RoostTrace

extension ClusterClient {
    /// What is told to whoever sent a command: the span of the last event that it stored. Where it stored none, or that event
    /// cannot be read now, what they sent themselves.
    package func traceParent(after sent: Sent, askedBy parent: TraceParent?) -> TraceParent? {
        let document = sent.document
        guard document.events > 0, document.position > .start, let partition = document.partition else { return parent }
        let before = Position(document.position.rawValue - 1)
        do {
            guard let event = try log.reader(partition).events(after: before, limit: 1).first else { return parent }
            return TraceParent(after: event.eventID, of: event.correlationID, askedBy: parent)
        } catch {
            return parent
        }
    }
}
