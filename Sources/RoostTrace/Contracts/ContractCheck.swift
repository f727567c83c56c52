package import RoostCore

/// Folds a whole log and says where contracts do not hold. Takes events in any order; nothing of their payloads is kept but
/// the keys that contracts name.
package struct ContractCheck {
    /// What was found, and how much was looked at.
    package struct Result: Sendable {
        package var findings: [CausalFinding] = []
        /// How often each contract was looked at, in order.
        package var checked: [(name: String, count: Int)] = []
        /// Effects that may still come.
        package var pending = 0
        package var events = 0
        package var chains = 0
    }

    /// A key of an event, for one contract.
    private struct Key: Hashable {
        let fact: Int32
        let key: UInt64
    }

    private let contracts: [CausalContract]
    private var chain = ChainFacts()
    private var facts: [ChainFact] { chain.all }
    private var types: [String] { chain.types }
    /// For each contract what causes ask for, and what effects are.
    private var asked: [[Key]]
    private var given: [[Key]]
    private var keyTexts: [UInt64: String] = [:]

    package init(_ contracts: [CausalContract]) {
        self.contracts = contracts
        asked = Array(repeating: [], count: contracts.count)
        given = Array(repeating: [], count: contracts.count)
    }

    /// The types of events whose parts it reads.
    package var typesRead: Set<String> { contracts.reduce(into: []) { $0.formUnion($1.types) } }

    /// Takes a stored event and what it is in the version that the application declares.
    package mutating func add(
        _ event: RecordedEvent, in partition: PartitionID, parts: [RecordedEvent], _ decoder: any PayloadDecoder
    ) throws {
        let fact = Int32(chain.all.count)
        chain.add(event, in: partition)
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
    package func finish(
        now: Timestamp, isBehind: (ChainFact, _ type: String) -> Bool, isKnown: (EventID) throws -> Bool
    ) rethrows -> Result {
        let graph = CauseGraph(facts)
        var result = Result()
        result.events = facts.count
        result.chains = Set(facts.lazy.map(\.correlation)).count
        try checkAlways(graph, isKnown, &result)
        for (index, contract) in contracts.enumerated() {
            switch contract.rule {
            case .effects(let effects):
                let late = checkEffects(index, contract.name, effects, graph, now, isBehind, &result)
                result.findings += late
            case .causes(let type, let causes): checkCauses(contract.name, type, causes, graph, &result)
            case .depth(let max): checkDepth(contract.name, max, graph, &result)
            }
        }
        return result
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
        for (fact, depth) in graph.depths.enumerated() where depth == nil && graph.isInCycle(fact) {
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
        guard let number = chain.number(of: type) else { return result.checked.append((name, 0)) }
        var count = 0
        for fact in facts.indices where facts[fact].type == number {
            count += 1
            let cause = graph.causes[fact]
            if cause == CauseGraph.root {
                result.findings.append(finding(.orphan, name, fact, "it has no cause"))
            } else if cause >= 0, !allowed.contains(types[Int(facts[Int(cause)].type)]) {
                let found = types[Int(facts[Int(cause)].type)]
                result.findings.append(finding(.wrongCause, name, fact, "its cause is \(found)"))
            }
        }
        result.checked.append((name, count))
    }

    private func checkDepth(_ name: String, _ max: UInt16, _ graph: CauseGraph, _ result: inout Result) {
        for (fact, depth) in graph.depths.enumerated() {
            guard let depth, depth == Int32(max) + 1 else { continue }
            result.findings.append(finding(.tooDeep, name, fact, "it is \(depth) steps away from the first event"))
        }
        result.checked.append((name, result.chains))
    }

    /// Returns what came late; the rest goes into the result.
    private func checkEffects(
        _ index: Int, _ name: String, _ effects: CausalContract.Effects, _ graph: CauseGraph, _ now: Timestamp,
        _ isBehind: (ChainFact, String) -> Bool, _ result: inout Result
    ) -> [CausalFinding] {
        var found: [Key: [Int]] = [:]
        for effect in given[index] {
            let cause = graph.causes[Int(effect.fact)]
            if cause >= 0 { found[Key(fact: cause, key: effect.key), default: []].append(Int(effect.fact)) }
        }
        var late: [(cause: Int, effect: Int)] = []
        var lastEffect: [Int: Timestamp] = [:]
        for ask in asked[index] {
            let cause = Int(ask.fact)
            guard let effect = found.removeValue(forKey: ask)?.sorted(by: isEarlier) else {
                let isDue = facts[cause].recorded + effects.within < now
                guard isDue, !isBehind(facts[cause], effects.cause.type) else {
                    result.pending += 1
                    continue
                }
                let what = "no \(effects.effect.type)\(text(of: ask.key)) within \(effects.within)"
                result.findings.append(finding(.missing, name, cause, what))
                continue
            }
            for more in effect.dropFirst() {
                result.findings.append(
                    finding(.duplicate, name, more, "one more\(text(of: ask.key)) of the same cause"))
            }
            let recorded = facts[effect[0]].recorded
            if recorded > facts[cause].recorded + effects.within { late.append((cause, effect[0])) }
            lastEffect[cause] = max(lastEffect[cause] ?? recorded, recorded)
        }
        // What is left was asked for by nobody, though its cause is of the type that asks.
        for (key, rest) in found where types[Int(facts[Int(key.fact)].type)] == effects.cause.type {
            for effect in rest {
                result.findings.append(
                    finding(.duplicate, name, effect, "its cause asks for none\(text(of: key.key))"))
            }
        }
        result.checked.append((name, asked[index].count))
        return excusing(late, lastEffect, effects, name)
    }

    /// Late effects but for those whose issuer was still busy with an earlier cause of the same partition when they were due.
    private func excusing(
        _ late: [(cause: Int, effect: Int)], _ lastEffect: [Int: Timestamp], _ effects: CausalContract.Effects,
        _ name: String
    ) -> [CausalFinding] {
        guard !late.isEmpty else { return [] }
        var busyUntil: [Int: Timestamp] = [:]
        var newest: [PartitionID: Timestamp] = [:]
        for cause in lastEffect.keys.sorted(by: { facts[$0].position < facts[$1].position }) {
            let partition = facts[cause].partition
            busyUntil[cause] = newest[partition]
            if let effect = lastEffect[cause] { newest[partition] = max(newest[partition] ?? effect, effect) }
        }
        return late.compactMap { cause, effect in
            let due = facts[cause].recorded + effects.within
            if let busy = busyUntil[cause], busy > due { return nil }
            let after = facts[effect].recorded - facts[cause].recorded
            return finding(.late, name, effect, "\(after) after its cause; \(effects.within) are allowed")
        }
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
            eventID: EventID(bits: facts[fact].id), type: types[Int(facts[fact].type)],
            partition: facts[fact].partition, position: facts[fact].position, detail: detail)
    }
}
