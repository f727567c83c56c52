/// On which side of the boundary a type of event lives. No type can be on both.
public enum EventSide {
    /// Stored in the log; never leaves the application.
    public enum Inside {}
    /// Published to others; never stored as an event of an aggregate.
    public enum Outside {}
}

/// An event as others see it: a promise about names and shapes that internal events do not make.
///
/// A type cannot be a `PublicEvent` and an `EventPayload`: what is stored cannot be published by accident, not even by
/// declaring it so. Codable, and made of plain values, so that its JSON Schema can be read off the type: use optionals for
/// what may be missing, and `String` enums that are `CaseIterable` for closed lists.
public protocol PublicEvent: Codable, Sendable {
    /// Keeps every type on one side of the boundary.
    associatedtype Side = EventSide.Outside where Side == EventSide.Outside
    /// Past tense, never renamed: `OrderConfirmed`.
    static var type: String { get }
    /// From 1; raised when a reader of the old shape could not read the new one.
    static var version: UInt32 { get }
    /// What it says, in one sentence, for those who receive it.
    static var summary: String { get }
    /// A believable one, for documentation and tests.
    static var sample: Self { get }
    /// What it is about, as in `order/17`.
    var subject: String { get }
}

extension PublicEvent {
    /// The first version, until an event says otherwise.
    public static var version: UInt32 { 1 }
}
