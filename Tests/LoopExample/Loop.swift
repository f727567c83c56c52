import Roost

/// Two sides of a table whose reactors answer each other for ever: what a loop guard is for.
enum Side: Aggregate {
    struct Hit: CommandPayload {
        static let name = "HitBall"
    }

    struct Flew: EventPayload {
        static let type = "BallFlew"
    }

    enum Command: CommandSet {
        case hit(Hit)
        static let kinds: [PayloadKind<Command>] = [.init(Command.hit)]
        var payload: any CommandPayload {
            switch self {
            case .hit(let payload): payload
            }
        }
    }

    enum Event: EventSet {
        case flew(Flew)
        static let kinds: [PayloadKind<Event>] = [.init(Event.flew)]
        var payload: any EventPayload {
            switch self {
            case .flew(let payload): payload
            }
        }
    }

    static let category = "side"
    static func initial(id: String) -> Int { 0 }
    static func decide(_ command: Command, _ hits: Int) throws -> [Event] { [.flew(Flew())] }
    static func evolve(_ hits: inout Int, _ event: Event) { hits += 1 }
}

enum Players: Reactor {
    static let name = "players"
    static let start = ReactorStart.beginning
    static let routes: [ReactorRoute] = [
        .on(Side.Flew.type) { event in
            [FollowUp(Side.Hit(), to: try StreamName(event.stream.id == "left" ? "side/right" : "side/left"))]
        }
    ]
}

@main struct Loop: RoostApp {
    static let domain = Domain(name: "loop", aggregates: [Side.self], reactors: [Players.self])
}
