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

    /// For each fact how many steps it is away from the first of its chain; nil for one that leads back to itself, or to
    /// such a one.
    var depths: [Int32?] {
        let (unknown, open): (Int32, Int32) = (-1, -2)
        let endless: Int32 = -3
        var depths = [Int32](repeating: unknown, count: facts.count)
        var path: [Int] = []
        for start in facts.indices where depths[start] == unknown {
            var current = Int32(start)
            while current >= 0, depths[Int(current)] == unknown {
                depths[Int(current)] = open
                path.append(Int(current))
                current = causes[Int(current)]
            }
            let isEndless = current >= 0 && depths[Int(current)] < 0
            var depth = current >= 0 ? depths[Int(current)] : -1
            while let fact = path.popLast() {
                depth += 1
                depths[fact] = isEndless ? endless : depth
            }
        }
        return depths.map { $0 == endless ? nil : $0 }
    }

    /// Whether following causes from a fact leads back to it.
    func isInCycle(_ start: Int) -> Bool {
        var current = causes[start]
        for _ in facts.indices {
            guard current >= 0 else { return false }
            if Int(current) == start { return true }
            current = causes[Int(current)]
        }
        return false
    }
}
