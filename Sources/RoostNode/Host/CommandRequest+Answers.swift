package import RoostCore

extension CommandRequest {
    package func answer(
        _ outcome: CommandOutcome, version: StreamVersion = .none, correlationID: CorrelationID? = nil,
        code: String? = nil, reason: String? = nil, next: String? = nil, route: CommandAnswer.Route? = nil
    ) -> CommandAnswer {
        CommandAnswer(
            number: number, outcome: outcome, version: version, partition: partition, correlationID: correlationID,
            code: code, reason: reason, next: next, route: route)
    }

    package func rejected(
        _ code: String, _ reason: String, next: String? = nil, version: StreamVersion = .none
    ) -> CommandAnswer {
        answer(.rejected, version: version, correlationID: correlationID, code: code, reason: reason, next: next)
    }
}

extension CommandDelivery {
    /// Tells this command apart from another with the same ID: covers its name and its data.
    var fingerprint: UInt64 {
        let seed = StableHash.folded(request.command)
        return request.payload.withUnsafeBytes { StableHash.folded($0, seed: seed) }
    }
}
