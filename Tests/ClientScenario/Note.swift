package import RoostCore
package import RoostNode

/// The smallest domain that has everything a client looks at.
package enum Note: Aggregate {
    package struct Write: CommandPayload {
        package static let name = "WriteNote"
        let title: String
    }

    package struct Written: EventPayload {
        package static let type = "NoteWritten"
        let title: String
    }

    package enum Command: CommandSet {
        case write(Write)
        package static var kinds: [PayloadKind<Command>] { [.init(Command.write)] }
        package var payload: any CommandPayload {
            switch self {
            case .write(let payload): payload
            }
        }
    }

    package enum Event: EventSet {
        case written(Written)
        package static var kinds: [PayloadKind<Event>] { [.init(Event.written)] }
        package var payload: any EventPayload {
            switch self {
            case .written(let payload): payload
            }
        }
    }

    package struct State: Codable, Sendable {
        var title: String?
        var edits = Edits()
    }

    package struct Edits: Codable, Sendable {
        var count = 0
        var titles: [String] = []
    }

    package static let category = "note"
    package static func initial(id: String) -> State { State() }
    package static func decide(_ command: Command, _ state: State) throws -> [Event] {
        switch command {
        case .write(let write): [.written(Written(title: write.title))]
        }
    }
    package static func evolve(_ state: inout State, _ event: Event) {
        switch event {
        case .written(let event):
            state.title = event.title
            state.edits.count += 1
            state.edits.titles.append(event.title)
        }
    }
}

/// The titles of all notes.
package enum NoteTitles: Projection {
    private struct Title: Decodable { let title: String }

    package static let name = "titles"
    package static var tables: [TableDefinition] {
        [
            TableDefinition(
                "titles", key: ["stream"], sql: "CREATE TABLE titles(stream TEXT PRIMARY KEY, title TEXT NOT NULL)")
        ]
    }
    package static var routes: [ProjectionRoute] {
        [
            .on("NoteWritten", Title.self) { payload, event, tables in
                try tables.run(
                    "INSERT OR REPLACE INTO titles VALUES(?,?)", SQLValue(event.stream.description),
                    SQLValue(payload.title))
            }
        ]
    }
    package static var queries: [ProjectionQuery] {
        [
            ProjectionQuery(
                "find", help: "Notes with this title", parameters: [.init("title"), .init("limit", standard: 10)],
                sql: "SELECT stream, title FROM titles WHERE title = :title ORDER BY stream LIMIT :limit"),
            ProjectionQuery("count", help: "How many", sql: "SELECT count(*) AS notes, NULL AS missing FROM titles"),
        ]
    }
}
