package import RoostCore

/// All upcasters of an application: how every kind of event that it ever stored becomes one that it declares today.
package struct UpcasterChain: Sendable {
    /// Of an application that is not known: every event is taken as it is stored.
    package static let none = UpcasterChain()

    private let upcasters: [EventKind: Upcaster]
    private let declared: [String: UInt32]

    private init() {
        upcasters = [:]
        declared = [:]
    }

    /// Of everything that the aggregates of a domain declare.
    package init(_ domain: Domain) throws(SchemaError) {
        let schemas = domain.aggregates.map { Self.schema(of: $0) }
        try self.init(kinds: schemas.flatMap(\.kinds), upcasters: schemas.flatMap(\.upcasters))
    }

    /// Throws when a type is declared in two versions, when two upcasters read the same kind, and when a chain goes in a
    /// circle or ends at a kind that nothing declares.
    init(kinds: [EventKind], upcasters steps: [Upcaster]) throws(SchemaError) {
        var declared: [String: UInt32] = [:]
        for kind in kinds {
            if let other = declared.updateValue(kind.schemaVersion, forKey: kind.type), other != kind.schemaVersion {
                throw SchemaError("\(kind.type) is declared in version \(other) and in version \(kind.schemaVersion)")
            }
        }
        var upcasters: [EventKind: Upcaster] = [:]
        for step in steps where upcasters.updateValue(step, forKey: step.stored) != nil {
            throw SchemaError("two upcasters read \(step.stored): join them")
        }
        self.declared = declared
        self.upcasters = upcasters
        for stored in upcasters.keys.sorted() {
            if let obstacle = obstacle(to: stored) { throw SchemaError(obstacle) }
        }
    }

    private static func schema<A: Aggregate>(of type: A.Type) -> (kinds: [EventKind], upcasters: [Upcaster]) {
        (A.Event.kinds.map { EventKind($0.name, $0.schemaVersion) }, A.Event.upcasters)
    }

    /// The version in which events of a type need no upcaster: 0 when all of them do, nil for a type that the application
    /// does not know.
    package func declaredVersion(of type: String) -> UInt32? {
        declared[type] ?? (upcasters.keys.contains { $0.type == type } ? 0 : nil)
    }

    /// Every kind that can be stored: declared today, or read by an upcaster.
    package var kinds: [EventKind] {
        (declared.map { EventKind($0.key, $0.value) } + upcasters.keys).sorted()
    }

    /// What the chain makes of a kind in the end, without the kind itself when it is declared.
    package func results(of kind: EventKind) -> [EventKind] {
        guard let upcaster = upcasters[kind] else { return [kind] }
        return Set(upcaster.becomes.flatMap { results(of: $0) }).sorted()
    }

    /// The types of stored events that are, or can become, one of `types`.
    package func storedTypes(becoming types: Set<String>) -> Set<String> {
        let others = upcasters.keys.filter { kind in results(of: kind).contains { types.contains($0.type) } }
        return types.union(others.map(\.type))
    }

    /// Why events of a stored kind cannot be read; nil when they can.
    package func obstacle(to stored: EventKind) -> String? { obstacle(to: stored, after: []) }

    private func obstacle(to kind: EventKind, after path: [EventKind]) -> String? {
        let origin = path.first.map { ", which \($0) becomes," } ?? ""
        if path.contains(kind) { return "the upcasters of \(path[0]) go in a circle at \(kind)" }
        if let upcaster = upcasters[kind] {
            if declared[kind.type] == kind.schemaVersion {
                return "\(kind) is declared and has an upcaster: raise the declared version or remove the upcaster"
            }
            return upcaster.becomes.lazy.compactMap { obstacle(to: $0, after: path + [kind]) }.first
        }
        guard let version = declared[kind.type] else {
            return "\(kind)\(origin) is a type that this application does not know: "
                + "run the version of the application that knows it"
        }
        if kind.schemaVersion > version {
            return "\(kind)\(origin) is newer than version \(version), which this application declares: "
                + "run the newer application"
        }
        guard kind.schemaVersion == version else {
            return "\(kind)\(origin) has no upcaster to version \(version): declare one"
        }
        return nil
    }

    /// The next step from a kind; nil at the end of the chain.
    func upcaster(of kind: EventKind) -> Upcaster? { upcasters[kind] }
}
