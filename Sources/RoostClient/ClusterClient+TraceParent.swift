import RoostCore
import RoostLog
import RoostNode
package import RoostTrace

extension ClusterClient {
    /// What is told to whoever sent a command: the span of the last event that it stored. Where it stored none, or that event
    /// cannot be read now, what they sent themselves.
    package func traceParent(after sent: Sent, askedBy parent: TraceParent?) -> TraceParent? {
        let document = sent.document
        guard document.events > 0, document.position > .start, let partition = document.partition else { return parent }
        do {
            guard let event = try log.reader(partition).event(at: document.position) else { return parent }
            return TraceParent(after: event.eventID, of: event.correlationID, askedBy: parent)
        } catch {
            return parent
        }
    }
}
