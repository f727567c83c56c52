/// Makes events of one stored kind into those of a newer kind: one step of a chain that ends at what the application
/// declares today. Stored events are never changed; whoever reads them sees the end of the chain.
///
/// The old shape stays in the code as a type of its own with the old version, so that both sides are checked by the
/// compiler:
///
///     struct OrderPlacedV1: EventPayload { static let type = "OrderPlaced"; … }   // version 1
///     static let upcasters: [Upcaster] = [.init { (old: OrderPlacedV1) in OrderPlaced(…) }]
///
/// Pure and deterministic, as a fold is: no clock, randomness or I/O. One that throws stops whoever reads the event;
/// a projection parks it.
public struct Upcaster: Sendable {
    /// What is stored.
    public let stored: EventKind
    /// The kinds that it may become.
    public let becomes: [EventKind]
    package let upcast: @Sendable (any PayloadDecoder, any PayloadEncoder, UnsafeRawBufferPointer) throws -> [Part]

    /// One event of those that a stored one became.
    package struct Part {
        package let kind: EventKind
        package let payload: [UInt8]
        package init(kind: EventKind, payload: [UInt8]) {
            self.kind = kind
            self.payload = payload
        }
    }

    /// An event of the old shape is one of the new.
    public init<Old: EventPayload, New: EventPayload>(_ body: @escaping @Sendable (Old) throws -> New) {
        self.init(into: [New.self]) { (old: Old) in [try body(old)] }
    }

    /// An event of the old shape is several, or none: they are folded and applied one after the other, in this order, as
    /// parts of the one stored event. `types` names every type that may come out.
    public init<Old: EventPayload>(
        into types: [any EventPayload.Type], _ body: @escaping @Sendable (Old) throws -> [any EventPayload]
    ) {
        self.init(stored: EventKind(of: Old.self), becomes: types.map { EventKind(of: $0) }) {
            decoder, encoder, bytes in
            try body(try decoder.decode(Old.self, from: bytes)).map { payload in
                Part(kind: EventKind(of: type(of: payload)), payload: try Self.bytes(payload, encoder))
            }
        }
    }

    package init(
        stored: EventKind, becomes: [EventKind],
        upcast: @escaping @Sendable (any PayloadDecoder, any PayloadEncoder, UnsafeRawBufferPointer) throws -> [Part]
    ) {
        self.stored = stored
        self.becomes = becomes
        self.upcast = upcast
    }

    private static func bytes(_ payload: some EventPayload, _ encoder: any PayloadEncoder) throws -> [UInt8] {
        try encoder.encode(payload) { Array($0) }
    }
}
