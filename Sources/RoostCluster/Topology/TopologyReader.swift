import RoostCore
import Yams

/// Walks the nodes of a topology file and collects every problem on the way, so that all are reported at once.
struct TopologyReader {
    struct Entry {
        let name: String
        let key: Node
        let value: Node
    }

    private(set) var problems: [TopologyProblem] = []
    private(set) var marks: TopologyMarks

    init(file: String) { marks = TopologyMarks(file: file) }

    mutating func report(_ node: Node, _ message: String, suggestion: String? = nil) {
        let mark = node.mark
        report(
            TopologyProblem(
                file: marks.file, line: mark?.line ?? 0, column: mark?.column ?? 0, message: message,
                suggestion: suggestion))
    }

    mutating func report(_ problem: TopologyProblem) { problems.append(problem) }

    /// Remembers where `path` stands.
    mutating func remember(_ path: String, _ node: Node) {
        guard let mark = node.mark else { return }
        marks.places[path] = TopologyMarks.Place(line: mark.line, column: mark.column)
    }

    /// The entries of a mapping without the user's own keys; with `allowed`, other keys are problems.
    mutating func entries(of node: Node, _ what: String, allowed: [String]? = nil) -> [Entry] {
        guard let mapping = node.mapping else {
            report(node, "\(what) must be a mapping: key, colon, value")
            return []
        }
        return mapping.compactMap { key, value in entry(key, value, what, allowed) }
    }

    private mutating func entry(_ key: Node, _ value: Node, _ what: String, _ allowed: [String]?) -> Entry? {
        guard let name = key.scalar?.string else {
            report(key, "a key of \(what) must be a word")
            return nil
        }
        guard !name.hasPrefix(TopologyKeys.freePrefix) else { return nil }
        if let allowed, !allowed.contains(name) {
            let known = allowed.joined(separator: ", ")
            report(
                key, "unknown key '\(name)' in \(what); it knows \(known)",
                suggestion: Suggestion.nearest(to: name, among: allowed))
            return nil
        }
        return Entry(name: name, key: key, value: value)
    }

    mutating func text(_ node: Node, _ what: String) -> String? {
        if let scalar = node.scalar, node.tag != Tag(.null) { return scalar.string }
        report(node, "\(what) must be a text")
        return nil
    }

    /// A whole number of at least `minimum`.
    mutating func number(_ node: Node, _ what: String, atLeast minimum: Int, atMost maximum: Int) -> Int? {
        if let value = node.int, (minimum...maximum).contains(value) { return value }
        report(node, "\(what) must be a whole number from \(minimum) to \(maximum)")
        return nil
    }

    mutating func truth(_ node: Node, _ what: String) -> Bool? {
        if let value = node.bool { return value }
        report(node, "\(what) must be true or false")
        return nil
    }

    mutating func duration(_ node: Node, _ what: String) -> Duration? {
        if let text = node.scalar?.string, let duration = DurationText.parse(text) { return duration }
        report(node, "\(what) must be a time such as 250ms, 10s or 1m")
        return nil
    }

    /// One of the words of an enumeration.
    mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ node: Node, _ what: String, _ type: Choice.Type
    ) -> Choice? where Choice.RawValue == String {
        guard let word = text(node, what) else { return nil }
        if let choice = Choice.allCases.first(where: { $0.rawValue == word }) { return choice }
        let words = Choice.allCases.map(\.rawValue)
        report(
            node, "\(what) cannot be '\(word)'; it is one of \(words.joined(separator: ", "))",
            suggestion: Suggestion.nearest(to: word, among: words))
        return nil
    }

    /// One word or a list of words, each with its node.
    mutating func words(_ node: Node, _ what: String) -> [(word: String, node: Node)] {
        let nodes = node.sequence.map(Array.init) ?? [node]
        if nodes.isEmpty { report(node, "\(what) must not be empty") }
        return nodes.compactMap { item in text(item, what).map { ($0, item) } }
    }

    /// `0-5` or `6`.
    mutating func range(_ node: Node, _ what: String) -> ClosedRange<UInt32>? {
        let parts = (node.scalar?.string ?? "").split(separator: "-", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { UInt32($0) }
        if numbers.count == parts.count, let first = numbers.first, let last = numbers.last, numbers.count <= 2,
            first <= last
        {
            return first...last
        }
        report(node, "\(what) must be one partition or a range, such as 6 or 0-5")
        return nil
    }

    /// The name of a cluster, a group or a process: safe as a file name and in an address.
    mutating func checkName(_ name: String, _ node: Node, _ what: String) -> Bool {
        do throws(InvalidName) {
            try StreamName.checkCategory(name)
            return true
        } catch {
            report(node, "\(what) cannot be '\(name)': a-z first, then a-z, 0-9 or -, at most 32 in all")
            return false
        }
    }
}
