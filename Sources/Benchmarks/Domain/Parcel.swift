import RoostCore

/// The domain that is measured: every command is accepted and stores one event of about 250 bytes.
enum Parcel: Aggregate {
    static let category = "parcel"

    struct State: Codable, Sendable {
        var moves = 0
        var place = ""
    }

    static let samples: [ParcelEvent] = [
        .moved(
            ParcelMoved(
                parcel: "parcel/1", move: 1, from: "", to: "depot 7", carrier: "Northern Rail Freight", weight: 3,
                price: 255, note: "ring twice"))
    ]

    static func initial(id: String) -> State { State() }

    static func decide(_ command: ParcelCommand, _ state: State) throws -> [ParcelEvent] {
        switch command {
        case .move(let move):
            guard move.weight > 0 else { throw Rejection("A parcel weighs something.") }
            return [
                .moved(
                    ParcelMoved(
                        parcel: move.parcel, move: state.moves + 1, from: state.place, to: move.to,
                        carrier: move.carrier, weight: move.weight, price: move.price, note: move.note))
            ]
        }
    }

    static func evolve(_ state: inout State, _ event: ParcelEvent) {
        switch event {
        case .moved(let event):
            state.moves = event.move
            state.place = event.to
        }
    }
}

struct MoveParcel: CommandPayload, Equatable {
    static let name = "MoveParcel"
    var parcel: String
    var to: String
    var carrier: String
    var weight: Int
    var price: Int
    var note: String

    static func sample(_ index: Int) -> MoveParcel {
        MoveParcel(
            parcel: "parcel/\(index)", to: "depot \(index % 97)", carrier: "Northern Rail Freight",
            weight: 1 + index % 900,
            price: 255 + index % 10_000,
            note: "Leave with the neighbour at number \(index % 50) when nobody opens the door")
    }
}

struct ParcelMoved: EventPayload, Equatable {
    static let type = "ParcelMoved"
    var parcel: String
    var move: Int
    var from: String
    var to: String
    var carrier: String
    var weight: Int
    var price: Int
    var note: String
}

enum ParcelCommand: CommandSet {
    case move(MoveParcel)
    static let kinds: [PayloadKind<ParcelCommand>] = [.init(ParcelCommand.move)]
    var payload: any CommandPayload {
        switch self {
        case .move(let payload): payload
        }
    }
}

enum ParcelEvent: EventSet {
    case moved(ParcelMoved)
    static let kinds: [PayloadKind<ParcelEvent>] = [.init(ParcelEvent.moved)]
    var payload: any EventPayload {
        switch self {
        case .moved(let payload): payload
        }
    }
}
