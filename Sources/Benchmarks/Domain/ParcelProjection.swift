import RoostCore
import RoostNode

/// Where every parcel is: two fields of each event, one upsert per event.
enum ParcelProjection: Projection {
    static let name = "parcels"

    static let tables = [
        TableDefinition(
            "parcels", key: ["parcel"],
            sql: """
                CREATE TABLE parcels(
                    parcel TEXT PRIMARY KEY, place TEXT NOT NULL, weight INTEGER NOT NULL, moves INTEGER NOT NULL
                ) WITHOUT ROWID
                """)
    ]

    private struct Moved: Decodable {
        let to: String
        let weight: Int64
    }

    static let routes = [
        ProjectionRoute.on(ParcelMoved.type, Moved.self) { moved, event, tables in
            try tables.run(
                """
                INSERT INTO parcels VALUES(?, ?, ?, 1) ON CONFLICT(parcel)
                DO UPDATE SET place = excluded.place, weight = excluded.weight, moves = moves + 1
                """, .text(event.stream.description), .text(moved.to), .integer(moved.weight))
        }
    ]

    static let queries: [ProjectionQuery] = []
}

/// Which parcels are lost: it handles a type of which there is little.
enum LostParcels: Projection {
    static let name = "lost"
    static let type = "ParcelLost"

    static let tables = [
        TableDefinition("lost", key: ["parcel"], sql: "CREATE TABLE lost(parcel TEXT PRIMARY KEY) WITHOUT ROWID")
    ]

    static let routes = [
        ProjectionRoute.on(type) { event, tables in
            try tables.run("INSERT OR IGNORE INTO lost VALUES(?)", .text(event.stream.description))
        }
    ]

    static let queries: [ProjectionQuery] = []
}
