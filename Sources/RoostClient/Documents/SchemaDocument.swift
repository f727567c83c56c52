package import RoostCore
package import RoostTrace

/// Every kind of event that the log holds, and what the application makes of it. Document `roost.schema/1`.
package struct SchemaDocument: Encodable, Sendable {
    package struct Kind: Encodable, Sendable {
        package let type: String
        package let schemaVersion: UInt32
        /// How many the log holds.
        package let count: UInt64
        /// What it is read as, as in `OrderPlaced version 2`: itself, unless an upcaster makes something else of it.
        package let readAs: [String]
        /// How many of them were taken through the chain and decoded.
        package let tried: UInt64
        /// Why they cannot be read; null when they can.
        @Explicit package private(set) var problem: String?
        /// An event that shows the problem; null without one.
        @Explicit package private(set) var eventID: EventID?

        init(_ kind: EventKind, count: UInt64, readAs: [EventKind], tried: UInt64, problem: String?, event: EventID?) {
            type = kind.type
            schemaVersion = kind.schemaVersion
            self.count = count
            self.readAs = readAs.map(\.description)
            self.tried = tried
            _problem = Explicit(wrappedValue: problem)
            _eventID = Explicit(wrappedValue: event)
        }
    }

    /// A reader that waits for events of a type that nothing declares.
    package struct DeadRoute: Encodable, Sendable {
        package let reader: String
        package let type: String
    }

    package let schema = "roost.schema/1"
    package let kinds: [Kind]
    package let deadRoutes: [DeadRoute]
    /// Everything stored can be read.
    package let ok: Bool

    init(_ kinds: [Kind], deadRoutes: [DeadRoute]) {
        self.kinds = kinds
        self.deadRoutes = deadRoutes
        ok = kinds.allSatisfy { $0.problem == nil }
    }
}
