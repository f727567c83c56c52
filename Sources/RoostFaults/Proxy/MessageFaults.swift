import RoostCluster
import RoostCore

/// What happens to the messages of one direction of one connection. A value: time and chance come from outside, in the
/// form of `now` and of seeds.
struct MessageFaults {
    /// Bytes to hand on, and when.
    struct Delivery: Hashable {
        let bytes: [UInt8]
        let at: Duration
    }

    private struct Rule {
        let id: Int
        let fault: FaultSpec
        var random: SeededRandom
        var seen = 0
        /// Waits for the next message to overtake it.
        var held: ZMTPMessage?
        var heldUntil = Duration.zero

        mutating func happens() -> Bool {
            Int.random(in: 0..<FaultSpec.always, using: &random) < fault.ratePerMillion
        }
    }

    /// How long a message waits to be overtaken.
    private static let holdMax = Duration.milliseconds(100)

    private let link: UInt64
    private var rules: [Rule] = []
    private var lastDelivery = Duration.zero
    /// What was done since the last `takeEffects`, by fault and name.
    private var effects: [Int: [String: Int64]] = [:]

    /// `link` names the direction: chance differs from one to another.
    init(link: String) { self.link = StableHash.fnv1a(link.utf8) }

    /// Nothing passes until the fault is cleared; nothing is lost here meanwhile.
    var isCut: Bool { rules.contains { $0.fault.kind == .cut } }

    /// When `due` has something to hand on.
    var deadline: Duration? { rules.compactMap { $0.held == nil ? nil : $0.heldUntil }.min() }

    mutating func takeEffects() -> [Int: [String: Int64]] {
        defer { effects = [:] }
        return effects
    }

    /// From now on these hold; those that held before go on as they were. Returns what was held back by others.
    mutating func update(_ faults: [ActiveFault], at now: Duration) -> [Delivery] {
        let freed = rules.filter { rule in !faults.contains { $0.id == rule.id } }.compactMap(\.held)
        rules = faults.map { active in
            rules.first { $0.id == active.id }
                ?? Rule(
                    id: active.id, fault: active.fault, random: SeededRandom(seed: active.fault.seed ^ link))
        }
        return freed.map { deliver($0.bytes, at: now) }
    }

    /// What becomes of a message.
    mutating func pass(_ message: ZMTPMessage, at now: Duration) -> [Delivery] {
        run([message], from: 0, at: now)
    }

    /// What becomes of bytes that cannot be read: they can be late, and nothing else.
    mutating func pass(_ bytes: [UInt8], at now: Duration) -> Delivery { deliver(bytes, at: now) }

    /// Bytes that belong to the connection itself: never later than what was before them.
    func passAtOnce(_ bytes: [UInt8], at now: Duration) -> Delivery {
        Delivery(bytes: bytes, at: max(now, lastDelivery))
    }

    /// What was held back long enough.
    mutating func due(at now: Duration) -> [Delivery] {
        rules.indices.flatMap { index -> [Delivery] in
            guard let message = rules[index].held, rules[index].heldUntil <= now else { return [] }
            rules[index].held = nil
            return run([message], from: index + 1, at: now)
        }
    }

    private mutating func run(_ messages: [ZMTPMessage], from first: Int, at now: Duration) -> [Delivery] {
        var messages = messages
        for index in rules.indices.dropFirst(first) {
            var rule = rules[index]
            messages = messages.flatMap { apply(&rule, to: $0, at: now) }
            rules[index] = rule
        }
        return messages.map { deliver($0.bytes, at: now) }
    }

    private mutating func apply(_ rule: inout Rule, to message: ZMTPMessage, at now: Duration) -> [ZMTPMessage] {
        rule.seen += 1
        switch rule.fault.kind {
        case .drop: return lose(message, by: rule, if: rule.happens())
        case .dropFirst: return lose(message, by: rule, if: rule.seen <= rule.fault.count)
        case .duplicate:
            guard rule.happens() else { return [message] }
            note(rule.id, "duplicated")
            return [message, message]
        case .corrupt:
            guard rule.happens() else { return [message] }
            note(rule.id, "corrupted")
            return [Self.corrupted(message, &rule.random)]
        case .reorder: return overtake(message, &rule, at: now)
        default: return [message]
        }
    }

    private mutating func lose(_ message: ZMTPMessage, by rule: Rule, if isLost: Bool) -> [ZMTPMessage] {
        note(rule.id, isLost ? "dropped" : "passed")
        return isLost ? [] : [message]
    }

    private mutating func overtake(_ message: ZMTPMessage, _ rule: inout Rule, at now: Duration) -> [ZMTPMessage] {
        if let held = rule.held {
            rule.held = nil
            note(rule.id, "reordered")
            return [message, held]
        }
        guard rule.happens() else { return [message] }
        rule.held = message
        rule.heldUntil = now + Self.holdMax
        return []
    }

    /// One bit of one body is turned over; lengths stay as they are, so the stream does not break.
    private static func corrupted(_ message: ZMTPMessage, _ random: inout SeededRandom) -> ZMTPMessage {
        let places = message.bodies.reduce(0) { $0 + $1.count }
        guard places > 0 else { return message }
        var place = Int.random(in: 0..<places, using: &random)
        var message = message
        for body in message.bodies {
            guard place >= body.count else {
                message.bytes[body.lowerBound + place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                break
            }
            place -= body.count
        }
        return message
    }

    /// Late by all delays together, and never before what came before.
    private mutating func deliver(_ bytes: [UInt8], at now: Duration) -> Delivery {
        var moment = now
        for index in rules.indices where rules[index].fault.kind == .delay {
            moment += rules[index].fault.delay + Self.jitter(&rules[index])
            note(rules[index].id, "delayed")
        }
        lastDelivery = max(lastDelivery, moment)
        return Delivery(bytes: bytes, at: lastDelivery)
    }

    private static func jitter(_ rule: inout Rule) -> Duration {
        let most = Int64(rule.fault.jitter / .microseconds(1))
        return most == 0 ? .zero : .microseconds(Int64.random(in: 0...most, using: &rule.random))
    }

    private mutating func note(_ id: Int, _ effect: String) { effects[id, default: [:]][effect, default: 0] += 1 }
}
