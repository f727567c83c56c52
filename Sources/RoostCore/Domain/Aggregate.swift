/// A consistency boundary: one stream, one writer, decided by pure functions.
///
/// `decide` and `evolve` are synchronous and deterministic: no clock, randomness or I/O. What an event says must be
/// enough to understand it later, so put everything into it that a reader will want to know.
public protocol Aggregate: Sendable {
    /// What the rules need to know. Codable, so that it can be shown and kept.
    associatedtype State: Codable & Sendable
    associatedtype Command: CommandSet
    associatedtype Event: EventSet

    /// The first part of its stream names: `[a-z][a-z0-9-]{0,31}`.
    static var category: String { get }
    /// Raise it when `evolve` changes its meaning: older snapshots are then not loaded.
    static var foldRevision: Int { get }
    /// After how many events of a stream a snapshot of its state is made, at 0 never; for a long stream after a 64th of its
    /// events. Made aside, from committed events, and only when `samples` show every kind of event.
    static var snapshotEvery: UInt64 { get }
    /// A history that shows what `evolve` does with every kind of event. Snapshots of code that folds it to other states
    /// are not loaded, even when `foldRevision` was forgotten; without a sample of every kind there are no snapshots.
    static var samples: [Event] { get }
    /// The state before the first event of the stream `category/id`.
    static func initial(id: String) -> State
    /// What happens when `command` meets `state`: the events, or none when there is nothing to do.
    /// Throws `Rejection` to refuse.
    static func decide(_ command: Command, _ state: State) throws -> [Event]
    /// The state after `event`. Never fails: the event has happened.
    static func evolve(_ state: inout State, _ event: Event)
}

extension Aggregate {
    /// The first revision, until an aggregate says otherwise.
    public static var foldRevision: Int { 1 }
    /// A thousand, until an aggregate says otherwise.
    public static var snapshotEvery: UInt64 { 1000 }
    /// None, until an aggregate says otherwise: then no snapshots are made.
    public static var samples: [Event] { [] }
}

/// A command was understood and refused by the rules of the domain. Sending it again changes nothing by itself.
public struct Rejection: Error, Hashable, Sendable, CustomStringConvertible {
    /// Why, for a person.
    public let reason: String
    /// What would help, for a person.
    public let next: String?
    /// Both texts are shown to the caller, so they should name what was refused and hold no personal data.
    public init(_ reason: String, next: String? = nil) {
        self.reason = reason
        self.next = next
    }
    /// The reason alone, without what would help.
    public var description: String { reason }
}

/// The data of one type of event. Its declared type and version are a storage format.
public protocol EventPayload: Codable, Sendable {
    /// Keeps every type on one side of the boundary: no stored event is a `PublicEvent`.
    associatedtype Side = EventSide.Inside where Side == EventSide.Inside
    /// Past tense, never renamed: `OrderPlaced`.
    static var type: String { get }
    static var schemaVersion: UInt32 { get }
    /// Whose personal data it holds; nil for none.
    var subject: String? { get }
}

extension EventPayload {
    /// The first version, until a payload says otherwise.
    public static var schemaVersion: UInt32 { 1 }
    /// No personal data, until a payload says otherwise.
    public var subject: String? { nil }
}

/// The data of one type of command.
public protocol CommandPayload: Codable, Sendable {
    /// Imperative: `PlaceOrder`.
    static var name: String { get }
}

/// All events of an aggregate: an enum with one case per type.
public protocol EventSet: Sendable {
    /// How each stored type becomes a case.
    static var kinds: [PayloadKind<Self>] { get }
    /// How events of shapes that are no longer written become those of `kinds`. One for each kind that was ever stored.
    static var upcasters: [Upcaster] { get }
    /// The payload of this case.
    var payload: any EventPayload { get }
}

extension EventSet {
    /// None, until a payload gets its second version.
    public static var upcasters: [Upcaster] { [] }
}

/// All commands of an aggregate: an enum with one case per command.
public protocol CommandSet: Sendable {
    /// How each command name becomes a case.
    static var kinds: [PayloadKind<Self>] { get }
    /// The payload of this case.
    var payload: any CommandPayload { get }
}

/// Decodes payloads. JSON in this version; behind a port so that a log can hold others.
public protocol PayloadDecoder: AnyObject {
    func decode<Value: Decodable>(_ type: Value.Type, from bytes: UnsafeRawBufferPointer) throws -> Value
}

/// Encodes payloads; the bytes are valid only inside `body`.
public protocol PayloadEncoder: AnyObject {
    func encode<Value: Encodable, Result>(_ value: Value, _ body: (UnsafeRawBufferPointer) throws -> Result) throws
        -> Result
}

/// Ties a name on disk or on the wire to a case of an enum.
public struct PayloadKind<Whole: Sendable>: Sendable {
    /// The declared type of an event, or the declared name of a command.
    public let name: String
    /// From 1; always 1 for a command.
    public let schemaVersion: UInt32
    package let decode: @Sendable (any PayloadDecoder, UnsafeRawBufferPointer) throws -> Whole

    /// `.init(OrderEvent.placed)`: the payload type is inferred from the case.
    public init<Payload: EventPayload>(_ wrap: @escaping @Sendable (Payload) -> Whole) where Whole: EventSet {
        name = Payload.type
        schemaVersion = Payload.schemaVersion
        decode = { decoder, bytes in wrap(try decoder.decode(Payload.self, from: bytes)) }
    }

    /// `.init(OrderCommand.place)`: the payload type is inferred from the case.
    public init<Payload: CommandPayload>(_ wrap: @escaping @Sendable (Payload) -> Whole) where Whole: CommandSet {
        name = Payload.name
        schemaVersion = 1
        decode = { decoder, bytes in wrap(try decoder.decode(Payload.self, from: bytes)) }
    }
}
