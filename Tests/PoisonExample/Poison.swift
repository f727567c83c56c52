import Foundation
import Roost

/// Jars that are filled, and projections of which some cannot take every filling: what parking is for.
enum Jar: Aggregate {
    struct Fill: CommandPayload {
        static let name = "FillJar"
        var grams: Int
    }

    struct Filled: EventPayload {
        static let type = "JarFilled"
        var grams: Int
    }

    enum Command: CommandSet {
        case fill(Fill)
        static let kinds: [PayloadKind<Command>] = [.init(Command.fill)]
        var payload: any CommandPayload {
            switch self {
            case .fill(let payload): payload
            }
        }
    }

    enum Event: EventSet {
        case filled(Filled)
        static let kinds: [PayloadKind<Event>] = [.init(Event.filled)]
        var payload: any EventPayload {
            switch self {
            case .filled(let payload): payload
            }
        }
    }

    static let category = "jar"
    static func initial(id: String) -> Int { 0 }

    static func decide(_ command: Command, _ grams: Int) throws -> [Event] {
        switch command {
        case .fill(let fill): [.filled(Filled(grams: fill.grams))]
        }
    }

    static func evolve(_ grams: inout Int, _ event: Event) {
        switch event {
        case .filled(let filled): grams += filled.grams
        }
    }
}

/// A switch that a test turns by making a file: as if other code ran from then on.
enum Switch: String {
    case mended, go
    var isOn: Bool {
        FileManager.default.fileExists(
            atPath: (ProcessInfo.processInfo.environment["ROOST_HOME"] ?? "") + "/" + rawValue)
    }
}

enum TooHeavy: Error { case grams(Int) }

private func table(_ name: String) -> TableDefinition {
    TableDefinition(
        name, key: ["jar"], sql: "CREATE TABLE \(name)(jar TEXT PRIMARY KEY, grams INTEGER, last INTEGER NOT NULL)")
}

private func add(_ filled: Jar.Filled, _ event: RecordedEvent, to name: String, _ tables: Tables) throws {
    try tables.run(
        """
        INSERT INTO \(name) VALUES(?,?,?)
        ON CONFLICT(jar) DO UPDATE SET grams = grams + excluded.grams, last = excluded.last
        """, .text(event.stream.id), SQLValue(filled.grams), SQLValue(Int(event.version.rawValue)))
}

/// Throws at 666 grams, and takes the whole process with it at 13.
enum Shelf: Projection {
    static let name = "shelf"
    static let tables = [table("shelf")]
    static let routes: [ProjectionRoute] = [
        .on(Jar.Filled.type, Jar.Filled.self) { filled, event, tables in
            try add(filled, event, to: "shelf", tables)
            if filled.grams == 666, !Switch.mended.isOn { throw TooHeavy.grams(filled.grams) }
            if filled.grams == 13, !Switch.mended.isOn { abort() }
        }
    ]
    static let queries = [ProjectionQuery("all", help: "Every jar", sql: "SELECT * FROM shelf ORDER BY jar")]
}

/// Takes everything.
enum Steady: Projection {
    static let name = "steady"
    static let tables = [table("steady")]
    static let routes: [ProjectionRoute] = [
        .on(Jar.Filled.type, Jar.Filled.self) { filled, event, tables in try add(filled, event, to: "steady", tables) }
    ]
    static let queries = [ProjectionQuery("all", help: "Every jar", sql: "SELECT * FROM steady ORDER BY jar")]
}

/// Does not come to an end with its first event before a test lets it.
enum Slow: Projection {
    static let name = "slow"
    static let tables = [table("slow")]
    static let routes: [ProjectionRoute] = [
        .on(Jar.Filled.type, Jar.Filled.self) { filled, event, tables in
            while !Switch.go.isOn { usleep(1000) }
            try add(filled, event, to: "slow", tables)
        }
    ]
    static let queries: [ProjectionQuery] = []
}

@main struct Poison: RoostApp {
    static let domain = Domain(
        name: "poison", aggregates: [Jar.self], projections: [Shelf.self, Steady.self, Slow.self])
}
