package import RoostCore

/// Folds a whole log and says where contracts do not hold. Takes events in any order; nothing of their payloads is kept but
/// the keys that contracts name.
package struct ContractCheck {
    /// What was found, and how much was looked at.
    package struct Result: Sendable {
        package var findings: [CausalFinding] = []
        /// How often each contract was looked at, in order. No two names are the same.
        package var checked: [(name: String, count: Int)] = []
        /// Effects that may still come.
        package var pending = 0
        package var events = 0
        package var chains = 0

        package init() {}
    }

    /// A key of an event, for one contract.
    private struct Key: Hashable {
        let fact: Int32
        let key: UInt64
    }

    /// By name: two contracts with the same one are told apart by a number.
    private let contracts: [(name: String, rule: CausalContract.Rule)]
    private var chain = ChainFacts()
    /// What upcasters make of events, where that is anything but their stored type.
    private var declaredTypes: [Int32: Set<String>] = [:]
    /// For each contract what causes ask for, and what effects are.
    private var asked: [[Key]]
    private var given: [[Key]]
    private var keyTexts: [UInt64: String] = [:]
    /// The types of events that have to be given as they are declared today.
    package let typesRead: Set<String>

    package init(_ contracts: [CausalContract]) {
        var names: [String: Int] = [:]
        self.contracts = contracts.map { contract in
            names[contract.name, default: 0] += 1
            let number = names[contract.name] ?? 1
            return (number == 1 ? contract.name : "\(contract.name) (\(number))", contract.rule)
        }
        typesRead = contracts.reduce(into: []) { $0.formUnion($1.types) }
        asked = Array(repeating: [], count: contracts.count)
        given = Array(repeating: [], count: contracts.count)
    }

    /// Takes a stored event and, where it may be of a type of interest, what it is as the application declares it today.
    package mutating func add(
        _ event: RecordedEvent, in partition: PartitionID, parts: [RecordedEvent], _ decoder: any PayloadDecoder
    ) throws {
        let fact = Int32(chain.all.count)
        chain.add(event, in: partition)
        let types = Set(parts.map(\.type))
        if !parts.isEmpty, types != [event.type] { declaredTypes[fact] = types }
        for (index, contract) in contracts.enumerated() {
            guard case .effects(let effects) = contract.rule else { continue }
            for part in parts {
                if part.type == effects.cause.type {
                    asked[index] += try effects.cause.read(part, decoder).map { key(fact, $0) }
                }
                if part.type == effects.effect.type {
                    given[index] += try effects.effect.read(part, decoder).map { key(fact, $0) }
                }
            }
        }
    }

    private mutating func key(_ fact: Int32, _ text: String) -> Key {
        let hash = StableHash.folded(text)
        keyTexts[hash] = text
        return Key(fact: fact, key: hash)
    }

    /// What holds and what does not. `isBehind` says of a cause whether whoever issues its effects has not come to it yet;
    /// `isKnown` looks for a cause that was not among the events, because it may be newer than the look at its partition.
    ///
    /// Whether an effect is late depends on what its issuer was busy with: with the events of the whole log that is seen from
    /// them. Of a part of it, `wasBehind` says of a cause whether its issuer had not begun with it by a time.
    package func finish(
        now: Timestamp, isBehind: (ChainFact, _ type: String) -> Bool, isKnown: (EventID) throws -> Bool,
        wasBehind: ((ChainFact, _ by: Timestamp) throws -> Bool)? = nil
    ) throws -> Result {
        let graph = CauseGraph(facts)
        var result = Result()
        result.events = facts.count
        result.chains = Set(facts.lazy.map(\.correlation)).count
        try checkAlways(graph, isKnown, &result)
        for (index, contract) in contracts.enumerated() {
            switch contract.rule {
            case .effects(let effects):
                let arrivals = checkEffects(index, contract.name, effects, graph, now, isBehind, &result)
                result.findings += try late(arrivals, effects.within, contract.name, wasBehind)
            case .causes(let type, let causes): checkCauses(contract.name, type, causes, graph, &result)
            case .depth(let max): checkDepth(contract.name, max, graph, &result)
            }
        }
        return result
    }

    private var facts: [ChainFact] { chain.all }

    private func storedType(_ fact: Int) -> String { chain.types[Int(facts[fact].type)] }

    /// Whether an event is of a type as the application declares it today.
    private func isOf(_ type: String, _ fact: Int) -> Bool {
        declaredTypes[Int32(fact)]?.contains(type) ?? (storedType(fact) == type)
    }
}

extension ContractCheck {
    /// What holds of every log.
    private func checkAlways(
        _ graph: CauseGraph, _ isKnown: (EventID) throws -> Bool, _ result: inout Result
    ) rethrows {
        let (present, same, ends, once) = (
            "every cause is in the log", "an effect has the correlation ID of its cause", "no chain goes in a circle",
            "no event ID is there twice"
        )
        for fact in facts.indices {
            let cause = graph.causes[fact]
            if cause == CauseGraph.missing {
                let id = EventID(bits: facts[fact].cause)
                if try isKnown(id) { continue }
                result.findings.append(finding(.orphan, present, fact, "its cause \(id) is not in the log"))
            } else if cause >= 0, facts[Int(cause)].correlation != facts[fact].correlation {
                let id = CorrelationID(bits: facts[Int(cause)].correlation)
                result.findings.append(finding(.correlationChanged, same, fact, "its cause belongs to chain \(id)"))
            }
        }
        for (fact, depth) in graph.depths.enumerated() where depth == .inCycle {
            result.findings.append(finding(.cycle, ends, fact, "its causes lead back to it"))
        }
        for fact in graph.repeated {
            result.findings.append(finding(.duplicate, once, fact, "another event has its ID"))
        }
        for name in [present, same, ends, once] { result.checked.append((name, facts.count)) }
    }

    private func checkCauses(
        _ name: String, _ type: String, _ allowed: Set<String>, _ graph: CauseGraph, _ result: inout Result
    ) {
        var count = 0
        for fact in facts.indices where isOf(type, fact) {
            count += 1
            let cause = graph.causes[fact]
            if cause == CauseGraph.root {
                result.findings.append(finding(.orphan, name, fact, "it has no cause"))
            } else if cause >= 0, !allowed.contains(where: { isOf($0, Int(cause)) }) {
                result.findings.append(finding(.wrongCause, name, fact, "its cause is \(storedType(Int(cause)))"))
            }
        }
        result.checked.append((name, count))
    }

    private func checkDepth(_ name: String, _ max: UInt16, _ graph: CauseGraph, _ result: inout Result) {
        for (fact, depth) in graph.depths.enumerated() where depth == .steps(Int32(max) + 1) {
            result.findings.append(finding(.tooDeep, name, fact, "it is \(max + 1) steps away from the first event"))
        }
        result.checked.append((name, result.chains))
    }

    private func checkEffects(
        _ index: Int, _ name: String, _ effects: CausalContract.Effects, _ graph: CauseGraph, _ now: Timestamp,
        _ isBehind: (ChainFact, String) -> Bool, _ result: inout Result
    ) -> [Arrival] {
        var found: [Key: [Int]] = [:]
        for effect in given[index] {
            let cause = graph.causes[Int(effect.fact)]
            if cause >= 0 { found[Key(fact: cause, key: effect.key), default: []].append(Int(effect.fact)) }
        }
        var counts: [Key: Int] = [:]
        for ask in asked[index] { counts[ask, default: 0] += 1 }
        var arrivals: [Arrival] = []
        for (ask, wanted) in counts.sorted(by: { ($0.key.fact, $0.key.key) < ($1.key.fact, $1.key.key) }) {
            let cause = Int(ask.fact)
            let effect = found.removeValue(forKey: ask)?.sorted(by: isEarlier) ?? []
            if effect.count < wanted {
                if now - facts[cause].recorded > effects.within, !isBehind(facts[cause], effects.cause.type) {
                    let what = "no \(effects.effect.type)\(text(of: ask.key)) within \(effects.within)"
                    result.findings.append(finding(.missing, name, cause, what))
                } else {
                    result.pending += wanted - effect.count
                }
            }
            for more in effect.dropFirst(wanted) {
                let what = "one more\(text(of: ask.key)) of the same cause"
                result.findings.append(finding(.duplicate, name, more, what))
            }
            arrivals += effect.prefix(wanted).map { (cause, $0) }
        }
        // What is left was asked for by nobody, though its cause is of the type that asks.
        for (key, rest) in found where isOf(effects.cause.type, Int(key.fact)) {
            for effect in rest {
                result.findings.append(
                    finding(.duplicate, name, effect, "its cause asks for none\(text(of: key.key))"))
            }
        }
        result.checked.append((name, asked[index].count))
        return arrivals
    }

    private typealias Arrival = (cause: Int, effect: Int)

    private func late(
        _ arrivals: [Arrival], _ within: Duration, _ name: String,
        _ wasBehind: ((ChainFact, Timestamp) throws -> Bool)?
    ) throws -> [CausalFinding] {
        guard let wasBehind else { return late(arrivals, within, name) }
        return try arrivals.filter { cause, effect in
            let due = facts[cause].recorded + within
            return try facts[effect].recorded > due && !wasBehind(facts[cause], due)
        }.map { late($0, within, name) }
    }

    private func late(_ arrival: Arrival, _ within: Duration, _ name: String) -> CausalFinding {
        let took = facts[arrival.effect].recorded - facts[arrival.cause].recorded
        return finding(.late, name, arrival.effect, "\(took) after its cause; \(within) are allowed")
    }

    /// Effects that came after their time, but for those whose issuer was still busy with an earlier cause of the same partition
    /// when they were due. It takes causes in order: so it had come past one when an effect of a later one was there.
    private func late(
        _ arrivals: [Arrival], _ within: Duration, _ name: String
    ) -> [CausalFinding] {
        guard arrivals.contains(where: { facts[$0.effect].recorded - facts[$0.cause].recorded > within }) else {
            return []
        }
        let ordered = arrivals.sorted { (facts[$0.cause].position, $0.effect) < (facts[$1.cause].position, $1.effect) }
        var found: [CausalFinding] = []
        for (_, arrivals) in Dictionary(grouping: ordered, by: { facts[$0.cause].partition }).sorted(by: {
            $0.key < $1.key
        }) {
            // When the issuer had come past each cause, at the latest.
            var passed = arrivals.map { facts[$0.effect].recorded }
            for index in passed.indices.dropLast().reversed() { passed[index] = min(passed[index], passed[index + 1]) }
            for (index, (cause, effect)) in arrivals.enumerated() {
                let took = facts[effect].recorded - facts[cause].recorded
                guard took > within else { continue }
                let earlier = arrivals[..<index].lastIndex { $0.cause != cause }
                if let earlier, passed[earlier] - facts[cause].recorded > within { continue }
                found.append(late((cause, effect), within, name))
            }
        }
        return found
    }

    private func isEarlier(_ left: Int, _ right: Int) -> Bool {
        (facts[left].recorded, facts[left].partition, facts[left].position)
            < (facts[right].recorded, facts[right].partition, facts[right].position)
    }

    private func text(of key: UInt64) -> String {
        guard let text = keyTexts[key], !text.isEmpty else { return "" }
        return " for '\(text)'"
    }

    private func finding(_ kind: CausalFinding.Kind, _ name: String, _ fact: Int, _ detail: String) -> CausalFinding {
        CausalFinding(
            kind: kind, contract: name, correlationID: CorrelationID(bits: facts[fact].correlation),
            eventID: EventID(bits: facts[fact].id), type: storedType(fact), partition: facts[fact].partition,
            position: facts[fact].position, detail: detail)
    }
}
