import RoostCore

/// Whether the processes that a fault names exist and can have it.
package struct FaultCheck: Sendable {
    /// One thing that is wrong.
    package struct Problem: Hashable, Sendable {
        /// The key it is about.
        package let key: String
        package let message: String
        package let suggestion: String?
        /// Whether there is no such process; otherwise it cannot have this fault.
        package var isUnknownName = false
    }

    private let instances: [ProcessInstance]
    private let transport: BusSettings.Transport

    package init(_ topology: Topology) {
        self.init(instances: topology.instances, bus: topology.bus)
    }

    init(instances: [ProcessInstance], bus: BusSettings) {
        self.instances = instances
        transport = bus.transport
    }

    /// Everything that is wrong with `fault` in this topology; empty when it can be added.
    package func problems(_ fault: FaultSpec) -> [Problem] {
        let unknown = unknownNames(fault)
        guard unknown.isEmpty else { return unknown }
        if fault.kind.readsMessages, transport == .tcp {
            return [
                Problem(
                    key: "kind",
                    message: "messages over tcp are encrypted, so only 'delay' and 'cut' can be done to them; for "
                        + "'\(fault.kind.rawValue)' use 'transport: ipc'", suggestion: nil)
            ]
        }
        return fault.kind.isOfMessages ? linkProblems(fault) : roleProblems(fault)
    }

    /// The instances that a name means.
    package func instances(named name: String) -> [ProcessInstance] {
        instances.filter { FaultSpec.name(name, means: $0.name, of: $0.process.name) }
    }

    private func unknownNames(_ fault: FaultSpec) -> [Problem] {
        [("process", fault.process), ("from", fault.from), ("to", fault.to)].compactMap { key, name in
            guard let name, instances(named: name).isEmpty else { return nil }
            if key != "process", name == FaultSpec.commandLine { return nil }
            let known = instances.map(\.name) + instances.map(\.process.name)
            return Problem(
                key: key, message: "there is no process '\(name)'",
                suggestion: Suggestion.nearest(to: name, among: Set(known).sorted()), isUnknownName: true)
        }
    }

    // MARK: - Messages

    private enum Side { case writer, reader, sender }

    /// What stands at the ends of each link: writers on one, those who follow or send on the other.
    private func sides(_ name: String?) -> Set<Side> {
        guard let name else { return [.writer, .reader, .sender] }
        if name == FaultSpec.commandLine { return [.sender] }
        return instances(named: name).reduce(into: []) { sides, instance in
            switch instance.role {
            case .aggregate: sides.insert(.writer)
            case .projection, .feed: sides.insert(.reader)
            case .reactor: sides.formUnion([.reader, .sender])
            case .gateway: sides.insert(.sender)
            case .replay, .proxy: break
            }
        }
    }

    private func linkProblems(_ fault: FaultSpec) -> [Problem] {
        let (from, to) = (sides(fault.from), sides(fault.to))
        // A cut holds up whatever is sent, also the words by which a reader says what it wants to hear.
        let back = fault.kind == .cut
        let bus =
            from.contains(.writer) && to.contains(.reader) || back && from.contains(.reader) && to.contains(.writer)
        let commands =
            from.contains(.writer) && to.contains(.sender) || from.contains(.sender) && to.contains(.writer)
        let fits =
            switch fault.link {
            case .bus: bus
            case .commands: commands
            case nil: bus || commands
            }
        guard !fits else { return [] }
        let ends = "from \(fault.from ?? "anybody") to \(fault.to ?? "anybody")"
        let what = fault.link.map { " on the link '\($0.rawValue)'" } ?? ""
        return [
            Problem(
                key: fault.from == nil ? "to" : "from",
                message: "no message goes \(ends)\(what): events go from writers to projections, feeds and reactors, "
                    + "commands from gateways and reactors to writers and their answers back", suggestion: nil)
        ]
    }

    // MARK: - Processes

    private func roleProblems(_ fault: FaultSpec) -> [Problem] {
        let roles = fault.kind.roles
        guard let name = fault.process,
            let other = instances(named: name).first(where: { !roles.contains($0.role) })
        else { return [] }
        let fitting = ProcessRole.allCases.filter(roles.contains).map(\.rawValue).joined(separator: ", ")
        return [
            Problem(
                key: "process",
                message: "'\(fault.kind.rawValue)' is for processes of role \(fitting); \(other.name) is of role "
                    + other.role.rawValue, suggestion: nil)
        ]
    }
}

extension FaultKind {
    /// Whom it can happen to.
    fileprivate var roles: Set<ProcessRole> {
        switch self {
        // Their files are synced at every transaction: what others read of them is on the disk.
        case .lostWrites: [.aggregate]
        case .fullDisk, .slowDisk, .failingSync: [.aggregate, .projection, .feed, .reactor]
        default: Set(ProcessRole.allCases)
        }
    }
}
