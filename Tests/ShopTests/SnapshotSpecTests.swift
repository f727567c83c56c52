import Foundation
import Roost
import RoostTesting
import Testing

@Suite("What the specification of snapshots finds") struct SnapshotSpecTests {
    @Test("Numbers that no floating-point number can hold survive")
    func largeNumbers() throws {
        try SnapshotSpec<Purse>(id: "1").samplesAreComplete()
    }

    @Test("A field that is not kept is found")
    func lostField() {
        let failure = #expect(throws: SpecFailure.self) { try SnapshotSpec<Sieve>(id: "1").samplesAreComplete() }
        #expect(failure?.description.contains("does not survive being kept") == true)
    }
}

private struct Added: EventPayload, Hashable {
    static let type = "Added"
    var coins: UInt64
    var value: Decimal
}

private enum PurseEvent: EventSet {
    case added(Added)
    static var kinds: [PayloadKind<PurseEvent>] { [.init(PurseEvent.added)] }
    var payload: any EventPayload {
        switch self {
        case .added(let payload): payload
        }
    }
}

private struct Nothing: CommandPayload {
    static let name = "Nothing"
}

private enum PurseCommand: CommandSet {
    case nothing(Nothing)
    static var kinds: [PayloadKind<PurseCommand>] { [.init(PurseCommand.nothing)] }
    var payload: any CommandPayload {
        switch self {
        case .nothing(let payload): payload
        }
    }
}

private let samples: [PurseEvent] = [
    .added(Added(coins: .max, value: Decimal(string: "1234567890123456789012345.678") ?? 0)),
    .added(Added(coins: .max - 1, value: Decimal(string: "0.1") ?? 0)),
]

private enum Purse: Aggregate {
    struct State: Codable, Hashable, Sendable {
        var coins: UInt64 = 0
        var value = Decimal.zero
    }

    static let category = "purse"
    static var samples: [PurseEvent] { ShopTests.samples }
    static func initial(id: String) -> State { State() }
    static func decide(_ command: PurseCommand, _ state: State) throws -> [PurseEvent] { [] }
    static func evolve(_ state: inout State, _ event: PurseEvent) {
        switch event {
        case .added(let event):
            state.coins = max(state.coins, event.coins)
            state.value += event.value
        }
    }
}

/// Forgets one of its fields.
private enum Sieve: Aggregate {
    struct State: Codable, Hashable, Sendable {
        var coins: UInt64 = 0
        var events = 0
        enum CodingKeys: CodingKey { case coins }
    }

    static let category = "sieve"
    static var samples: [PurseEvent] { ShopTests.samples }
    static func initial(id: String) -> State { State() }
    static func decide(_ command: PurseCommand, _ state: State) throws -> [PurseEvent] { [] }
    static func evolve(_ state: inout State, _ event: PurseEvent) {
        switch event {
        case .added(let event):
            state.coins = event.coins
            state.events += 1
        }
    }
}
