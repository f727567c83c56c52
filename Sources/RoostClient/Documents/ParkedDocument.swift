package import RoostCore
import RoostNode

/// Follow-up commands that reactors have set aside because they were refused. Document `roost.parked/1`.
package struct ParkedDocument: Encodable, Sendable {
    package struct Command: Encodable, Sendable {
        package let reactor: String
        package let parkedAt: Timestamp
        package let command: String
        package let commandID: String
        package let stream: String
        package let code: String
        package let reason: String
        /// The event that led to it: what `roost trace` takes.
        package let eventID: EventID
    }

    package let schema = "roost.parked/1"
    /// The earliest first.
    package let commands: [Command]
}

extension ClusterClient {
    /// What reactors have set aside.
    package func parked() throws -> ParkedDocument {
        let commands = try domain.reactors.flatMap { reactor in
            try databases.reactor(reactor.name).refusals().map { refusal in
                ParkedDocument.Command(
                    reactor: reactor.name, parkedAt: refusal.at, command: refusal.command,
                    commandID: refusal.commandID, stream: refusal.stream, code: refusal.code, reason: refusal.reason,
                    eventID: refusal.event)
            }
        }
        return ParkedDocument(commands: commands.sorted { ($0.parkedAt, $0.commandID) < ($1.parkedAt, $1.commandID) })
    }
}
