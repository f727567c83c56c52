import Roost

/// A till: money goes in and comes out, and it never holds less than nothing.
enum Till: Aggregate {
    struct Move: CommandPayload {
        static let name = "MoveMoney"
        var cents: Int
    }

    struct Moved: EventPayload {
        static let type = "MoneyMoved"
        var cents: Int
        var level: Int
    }

    enum Command: CommandSet {
        case move(Move)
        static let kinds: [PayloadKind<Command>] = [.init(Command.move)]
        var payload: any CommandPayload {
            switch self {
            case .move(let payload): payload
            }
        }
    }

    enum Event: EventSet {
        case moved(Moved)
        static let kinds: [PayloadKind<Event>] = [.init(Event.moved)]
        var payload: any EventPayload {
            switch self {
            case .moved(let payload): payload
            }
        }
    }

    static let category = "till"
    static func initial(id: String) -> Int { 0 }

    static func decide(_ command: Command, _ level: Int) throws -> [Event] {
        guard case .move(let move) = command, level + move.cents >= 0 else {
            throw Rejection("there are only \(level) cents in the till")
        }
        return [.moved(Moved(cents: move.cents, level: level + move.cents))]
    }

    static func evolve(_ level: inout Int, _ event: Event) {
        switch event {
        case .moved(let moved): level = moved.level
        }
    }
}

/// All tills at a glance.
enum Levels: Projection {
    static let name = "levels"
    static let tables = [
        TableDefinition("levels", key: ["till"], sql: "CREATE TABLE levels(till TEXT PRIMARY KEY, cents INTEGER)")
    ]
    static let routes: [ProjectionRoute] = [
        .on(Till.Moved.type, Till.Moved.self) { moved, event, tables in
            try tables.run("INSERT OR REPLACE INTO levels VALUES(?,?)", .text(event.stream.id), SQLValue(moved.level))
        }
    ]
    static let queries = [ProjectionQuery("all", help: "Every till", sql: "SELECT * FROM levels ORDER BY till")]
}

@main struct Tills: RoostApp {
    static let domain = Domain(name: "tills", aggregates: [Till.self], projections: [Levels.self])
}
