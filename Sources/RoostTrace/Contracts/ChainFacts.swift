package import RoostCore

/// What a check remembers of every event: about 80 bytes.
package struct ChainFact: Sendable {
    package let id: UInt128
    /// Zero for the first event of a chain.
    let cause: UInt128
    let correlation: UInt128
    package let position: Position
    package let recorded: Timestamp
    package let partition: PartitionID
    /// An index of the type's name.
    let type: UInt32
}

/// The facts of many events, and the names of their types. Takes events in any order.
package struct ChainFacts: Sendable {
    package private(set) var all: [ChainFact] = []
    private(set) var types: [String] = []
    private var numbers: [String: UInt32] = [:]

    package init() {}

    package mutating func add(_ event: RecordedEvent, in partition: PartitionID) {
        all.append(
            ChainFact(
                id: event.eventID.bits, cause: event.causationID?.bits ?? 0, correlation: event.correlationID.bits,
                position: event.position, recorded: event.recorded, partition: partition,
                type: number(adding: event.type)))
    }

    /// The number of a type that there are events of.
    func number(of type: String) -> UInt32? { numbers[type] }

    private mutating func number(adding type: String) -> UInt32 {
        if let known = numbers[type] { return known }
        let number = UInt32(types.count)
        numbers[type] = number
        types.append(type)
        return number
    }
}

/// All events of a log, and which of them caused which. Made once from facts in any order.
struct CauseGraph {
    static let root: Int32 = -1
    static let missing: Int32 = -2

    let facts: [ChainFact]
    /// Indices of facts, by event ID.
    private let order: [Int32]
    /// For each fact the index of its cause, or `root`, or `missing`.
    let causes: [Int32]

    init(_ facts: [ChainFact]) {
        let order = facts.indices.map { Int32($0) }.sorted { facts[Int($0)].id < facts[Int($1)].id }
        self.facts = facts
        self.order = order
        causes = facts.map { fact in
            fact.cause == 0 ? Self.root : Self.find(fact.cause, facts, order) ?? Self.missing
        }
    }

    private static func find(_ id: UInt128, _ facts: [ChainFact], _ order: [Int32]) -> Int32? {
        var (low, high) = (0, order.count)
        while low < high {
            let middle = (low + high) / 2
            if facts[Int(order[middle])].id < id { low = middle + 1 } else { high = middle }
        }
        return low < order.count && facts[Int(order[low])].id == id ? order[low] : nil
    }

    /// Facts whose event ID another fact has too, but for the first of each.
    var repeated: [Int] {
        zip(order, order.dropFirst()).filter { facts[Int($0)].id == facts[Int($1)].id }.map { Int($1) }
    }

    /// For each fact how many steps it is away from the first of its chain, or what keeps it from having one.
    var depths: [Depth] {
        let unknown: Int32 = -1
        let open: Int32 = -2
        var found = [Int32](repeating: unknown, count: facts.count)
        var path: [Int] = []
        for start in facts.indices where found[start] == unknown {
            var current = Int32(start)
            while current >= 0, found[Int(current)] == unknown {
                found[Int(current)] = open
                path.append(Int(current))
                current = causes[Int(current)]
            }
            // A path that comes back to itself is a circle from there on; what came before only leads to it.
            var circleLeft = current >= 0 && found[Int(current)] == open
            var depth = current < 0 ? -1 : found[Int(current)]
            while let fact = path.popLast() {
                if circleLeft {
                    found[fact] = Depth.inCycle.code
                    circleLeft = fact != Int(current)
                    depth = Depth.endless.code
                } else if depth < -1 {
                    found[fact] = Depth.endless.code
                } else {
                    depth += 1
                    found[fact] = depth
                }
            }
        }
        return found.map { Depth(code: $0) }
    }

    enum Depth: Equatable {
        case steps(Int32)
        /// Following causes from it leads back to it.
        case inCycle
        /// It leads to such a one.
        case endless

        fileprivate init(code: Int32) {
            self = code >= 0 ? .steps(code) : code == Depth.inCycle.code ? .inCycle : .endless
        }

        fileprivate var code: Int32 {
            switch self {
            case .steps(let steps): steps
            case .inCycle: -3
            case .endless: -4
            }
        }
    }
}
