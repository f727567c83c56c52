import RoostCore
import RoostJSON
import RoostLog

/// Events of 10,000 parcels in an order of no pattern.
struct EventSource {
    private(set) var count = 0
    private var random: UInt64 = 88_172_645_463_325_252
    private let encoder = JSONPayloadEncoder()

    mutating func next(at now: Timestamp) throws -> Proposal {
        random ^= random << 13
        random ^= random >> 7
        random ^= random << 17
        return try event(of: Int((random >> 20) % 10_000), at: now)
    }

    /// The next event of one parcel.
    mutating func next(of index: Int, at now: Timestamp) throws -> Proposal { try event(of: index, at: now) }

    private mutating func event(of index: Int, at now: Timestamp) throws -> Proposal {
        count += 1
        let sample = MoveParcel.sample(index)
        let event = ParcelMoved(
            parcel: sample.parcel, move: count, from: sample.to, to: "depot \(random % 89)", carrier: sample.carrier,
            weight: sample.weight, price: sample.price, note: sample.note)
        let context = CommandContext(
            stream: StreamName(unchecked: "parcel/\(index)"), commandID: CommandID(unchecked: "fill-\(count)"),
            fingerprint: random, correlationID: CorrelationID(bits: UInt128(random)))
        let stored = NewEvent(
            eventID: EventID(bits: UInt128(count) << 64 | UInt128(random)), type: ParcelMoved.type,
            payload: Bytes(try encoder.bytes(event)), occurred: now)
        return Proposal(context, expected: .any, events: [stored])
    }
}
