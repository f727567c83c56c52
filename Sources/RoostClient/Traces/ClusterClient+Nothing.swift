import RoostCore
import RoostLog
import RoostNode
import RoostTrace

/// Says why an ID finds no chain: an empty answer would leave people guessing.
extension ClusterClient {
    /// Events of each partition, from the newest back, whose data is searched for an ID.
    private static let searchedMax: UInt64 = 50_000

    func nothing(under id: CorrelationID, unreadable: [UnreadablePartition]) throws -> any Error {
        let message = "no event has the correlation ID \(id), and none the event ID"
        guard unreadable.isEmpty else { return notFound("unknownCorrelation", message, hint: "", besides: unreadable) }
        if let refused = try databases.observed.rejected(ofChain: id).last { return nothing(but: refused, message) }
        if let chain = databases.index.chains(named: id.description).first {
            return ClientError(
                .notFound, code: "commandID", "\(message); it is that of a command", hint: "roost trace \(chain)")
        }
        if let event = try event(naming: id) {
            return ClientError(
                .notFound, code: "inDataOnly",
                "\(message); it stands in the data of \(event.type) \(event.stream) #\(event.version) only",
                hint: "roost trace \(event.eventID)")
        }
        return ClientError(
            .notFound, code: "unknownCorrelation",
            "\(message); looked through all \(try eventCount()) events of the log, up to its heads",
            hint: "roost events tail")
    }

    func nothing(of id: CommandID, unreadable: [UnreadablePartition]) throws -> any Error {
        let message = "no event was stored by a command with the ID \(id)"
        guard unreadable.isEmpty else { return notFound("unknownCommand", message, hint: "", besides: unreadable) }
        let observed = try databases.observed.rejected(commandID: id.description).last
        if let refused = try observed ?? setAside(id) { return nothing(but: refused, message) }
        return ClientError(
            .notFound, code: "unknownCommand",
            "\(message); looked through all \(try eventCount()) events of the log, up to its heads",
            hint: "roost events tail")
    }

    private func nothing(but refused: RejectedCommand, _ message: String) -> ClientError {
        // A follow-up belongs to the chain of the event that led to it.
        let next = refused.causationID.map { "roost trace \($0)" } ?? "roost state \(refused.stream)"
        return ClientError(
            .notFound, code: "refused",
            "\(message): \(refused.command) to \(refused.stream) was refused at \(refused.at) (\(refused.code): "
                + "\(refused.reason))", hint: next)
    }

    /// The follow-up of this ID that a reactor has set aside.
    private func setAside(_ id: CommandID) throws -> RejectedCommand? {
        let refusals = try domain.reactors.flatMap { try databases.reactor($0.name).refusals() }
        return refusals.first { $0.commandID == id.description }.map { refusal in
            RejectedCommand(
                at: refusal.at, partition: PartitionID(0), stream: refusal.stream, command: refusal.command,
                commandID: refusal.commandID, correlationID: nil, causationID: refusal.event, code: refusal.code,
                reason: refusal.reason)
        }
    }

    private func eventCount() throws -> UInt64 { try heads().values.reduce(0) { $0 + $1.rawValue } }

    /// The newest event whose data names an ID, with or without dashes. Sealed personal data is not opened for it.
    private func event(naming id: CorrelationID) throws -> RecordedEvent? {
        let search = PlaintextSearch([id.description, id.description.replacing("-", with: "")])
        var newest: RecordedEvent?
        for partition in partitions {
            let reader = try log.reader(partition)
            let head = try reader.head().position.rawValue
            var position = Position(head - min(head, Self.searchedMax))
            while position.rawValue < head {
                let page = try reader.events(after: position, limit: 10_000)
                guard let last = page.last else { break }
                for event in page where !event.payload.withUnsafeBytes({ search.hits(in: $0) }).isEmpty {
                    if newest.map({ $0.recorded < event.recorded }) ?? true { newest = event }
                }
                position = last.position
            }
        }
        return newest
    }
}
