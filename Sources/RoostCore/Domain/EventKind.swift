/// One shape in which events are stored: a declared type in one of its schema versions.
public struct EventKind: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The declared type, as in `OrderPlaced`.
    public let type: String
    /// From 1.
    public let schemaVersion: UInt32

    /// Checks nothing: what a log holds and what an application knows are compared elsewhere.
    public init(_ type: String, _ schemaVersion: UInt32) {
        self.type = type
        self.schemaVersion = schemaVersion
    }

    /// The kind that a payload declares.
    public init(of payload: any EventPayload.Type) { self.init(payload.type, payload.schemaVersion) }

    /// By type, then by version.
    public static func < (left: EventKind, right: EventKind) -> Bool {
        (left.type, left.schemaVersion) < (right.type, right.schemaVersion)
    }

    /// As in `OrderPlaced version 1`.
    public var description: String { "\(type) version \(schemaVersion)" }
}
