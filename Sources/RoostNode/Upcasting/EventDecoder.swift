package import RoostCore

/// Reads stored events as the application declares them today, whatever version they were stored in. Every path from the
/// log to a fold, a table or a command leads through here. One owner at a time.
package final class EventDecoder {
    /// Parts that one stored event may become.
    static let partsMax = 1000

    package let payloads: any PayloadDecoder
    private let encoder: any PayloadEncoder
    private let chain: UpcasterChain
    private let keys: (any PersonalKeys)?

    package init(
        chain: UpcasterChain, keys: (any PersonalKeys)? = nil, decoder: any PayloadDecoder, encoder: any PayloadEncoder
    ) {
        self.chain = chain
        self.keys = keys
        payloads = decoder
        self.encoder = encoder
    }

    /// The event with its personal data readable, or marked as erased. Call it before anything else reads the payload.
    @inline(__always)
    package func opened(_ event: RecordedEvent) throws -> RecordedEvent {
        guard let keys, event.hasSubject else { return event }
        let payload = try event.payload.withUnsafeBytes { try keys.open($0, in: event.eventID) }
        guard let payload else { return event }
        return event.part(event.part, Upcaster.Part(kind: event.kind, payload: payload))
    }

    /// An event that was opened, in its declared version: itself, or what the chain makes of it, in order. Throws `SchemaError` for one
    /// that the chain does not lead on, and when an upcaster throws.
    package func parts(of event: RecordedEvent) throws(SchemaError) -> [RecordedEvent] {
        let kind = event.kind
        guard chain.upcaster(of: kind) != nil else {
            if let obstacle = chain.obstacle(to: kind) { throw SchemaError(obstacle) }
            return [event]
        }
        let payload = event.payload.withUnsafeBytes { Array($0) }
        let parts = try upcast(Upcaster.Part(kind: kind, payload: payload), event)
        guard parts.count <= Self.partsMax else {
            throw SchemaError("\(kind) becomes \(parts.count) events; \(Self.partsMax) are allowed")
        }
        return parts.enumerated().map { event.part(UInt16($0), $1) }
    }

    private func upcast(_ part: Upcaster.Part, _ event: RecordedEvent) throws(SchemaError) -> [Upcaster.Part] {
        guard let upcaster = chain.upcaster(of: part.kind) else { return [part] }
        let next: [Upcaster.Part]
        do {
            next = try part.payload.withUnsafeBytes { try upcaster.upcast(payloads, encoder, $0) }
        } catch {
            throw SchemaError(
                "the upcaster of \(part.kind) failed at event \(event.eventID) (\(event.stream) version "
                    + "\(event.version)): \(error)",
                shape: "the upcaster of \(part.kind) failed: \(Poison.shape(of: error))")
        }
        var parts: [Upcaster.Part] = []
        for made in next {
            guard upcaster.becomes.contains(made.kind) else {
                throw SchemaError("the upcaster of \(part.kind) gave \(made.kind), which it does not name")
            }
            parts += try upcast(made, event)
        }
        return parts
    }
}
