public import RoostCore

/// A read model: tables made from events alone.
///
/// Law: the same tables for every interleaving that keeps the order of each partition. Handlers see the event and
/// their own tables only: no clock, randomness or I/O. An event whose handler throws is parked with its stream, visibly.
public protocol Projection: Sendable {
    /// The name of its process in the topology and of its database.
    static var name: String { get }
    /// Raise it when handlers or tables change: the projection then asks for a rebuild.
    static var revision: Int { get }
    static var tables: [TableDefinition] { get }
    /// What it does about each type of event; all other types are filtered.
    static var routes: [ProjectionRoute] { get }
    static var queries: [ProjectionQuery] { get }
}

extension Projection {
    /// The first revision, until a projection says otherwise.
    public static var revision: Int { 1 }
}

/// One table of a projection.
public struct TableDefinition: Sendable {
    /// How the table is compared with that of a rebuild.
    public enum Kind: Hashable, Sendable {
        /// An ordinary table, compared row by row in the order of its key.
        case rows
        /// An FTS5 table whose content is another table: checked by its own integrity check, never compared.
        case fullText
    }
    /// Unique within the projection.
    public let name: String
    /// The statement that makes it, and any index it needs.
    public let sql: String
    /// The columns of its primary key, in order.
    public let key: [String]
    /// How the table is compared with that of a rebuild.
    public let kind: Kind

    /// An ordinary table. `key` names the columns of the primary key, in order.
    public init(_ name: String, key: [String], sql: String) {
        self.name = name
        self.sql = sql
        self.key = key
        kind = .rows
    }

    /// An FTS5 table.
    public init(fullText name: String, sql: String) {
        self.name = name
        self.sql = sql
        key = []
        kind = .fullText
    }
}

/// What a projection does about one type of event.
public struct ProjectionRoute: Sendable {
    /// The declared name of the type, as in `OrderPlaced`.
    public let type: String
    package let apply: @Sendable (RecordedEvent, any PayloadDecoder, Tables) throws -> Void

    /// Decodes only the fields that `Payload` declares.
    public static func on<Payload: Decodable & SendableMetatype>(
        _ type: String, _ payload: Payload.Type,
        _ body: @escaping @Sendable (Payload, RecordedEvent, Tables) throws -> Void
    ) -> ProjectionRoute {
        ProjectionRoute(type: type) { event, decoder, tables in
            let payload = try event.payload.withUnsafeBytes { try decoder.decode(Payload.self, from: $0) }
            try body(payload, event, tables)
        }
    }

    /// For events whose payload does not matter.
    public static func on(
        _ type: String, _ body: @escaping @Sendable (RecordedEvent, Tables) throws -> Void
    ) -> ProjectionRoute {
        ProjectionRoute(type: type) { event, _, tables in try body(event, tables) }
    }
}

/// A question a projection answers: one SELECT with named parameters.
public struct ProjectionQuery: Sendable {
    /// A value that the caller gives by name.
    public struct Parameter: Sendable {
        /// Without the colon that it has in the statement.
        public let name: String
        /// Used when the caller gives none; nil makes the parameter required.
        public let standard: SQLValue?
        /// Required unless it has a standard value.
        public init(_ name: String, standard: SQLValue? = nil) {
            self.name = name
            self.standard = standard
        }
    }
    /// What a caller asks for; unique within the projection.
    public let name: String
    /// What the answer is, for a person who chooses among queries.
    public let help: String
    /// Every parameter of the statement, in the order in which help shows them.
    public let parameters: [Parameter]
    /// Parameters appear as `:name`.
    public let sql: String

    /// `sql` is one SELECT that names its parameters as `:name`.
    public init(_ name: String, help: String, parameters: [Parameter] = [], sql: String) {
        self.name = name
        self.help = help
        self.parameters = parameters
        self.sql = sql
    }
}
