import Yams

/// A topology that cannot be used, with everything that is wrong with it.
public struct TopologyError: Error, Sendable, CustomStringConvertible {
    /// Never empty; in the order of the file.
    public let problems: [TopologyProblem]

    package init(_ problems: [TopologyProblem]) {
        self.problems = problems.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
    }

    /// One line per problem.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// One thing that is wrong with a topology file, and where.
public struct TopologyProblem: Hashable, Sendable, CustomStringConvertible {
    /// As it was given when the topology was read.
    public let file: String
    /// From 1; 0 when the problem is the whole file.
    public let line: Int
    /// From 1; 0 when the problem is the whole file.
    public let column: Int
    /// What is wrong and what would be right.
    public let message: String
    /// What was probably meant.
    public let suggestion: String?

    package init(file: String, line: Int, column: Int, message: String, suggestion: String?) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
        self.suggestion = suggestion
    }

    /// `file:line:column: message; did you mean 'x'?`
    public var description: String {
        let place = line > 0 ? "\(file):\(line):\(column)" : file
        return "\(place): \(message)" + (suggestion.map { "; did you mean '\($0)'?" } ?? "")
    }
}

/// Where the parts of a topology stand in their file.
struct TopologyMarks: Sendable {
    struct Place: Hashable, Sendable {
        var line = 0
        var column = 0
    }

    let file: String
    var places: [String: Place] = [:]

    func problem(at key: String, _ message: String, suggestion: String? = nil) -> TopologyProblem {
        let place = places[key] ?? Place()
        return TopologyProblem(
            file: file, line: place.line, column: place.column, message: message, suggestion: suggestion)
    }
}

extension TopologyMarks.Place {
    /// Where a node stands.
    init(_ node: Node) { self.init(line: node.mark?.line ?? 0, column: node.mark?.column ?? 0) }
}

extension TopologyMarks {
    /// Where each word stands first, but for what some keys of `root` hold; a key also as `poison/search`, by the one above it.
    init(wordsOf root: Node, without keys: Set<String>, file: String) {
        self.init(file: file)
        for (key, value) in root.mapping ?? [:] {
            guard let key = key.scalar?.string, !keys.contains(key) else { continue }
            rememberWords(of: value, below: key)
        }
    }

    private mutating func rememberWords(of node: Node, below parent: String) {
        for (key, value) in node.mapping ?? [:] {
            guard let word = key.scalar?.string else { continue }
            remember(word, key)
            remember("\(parent)/\(word)", key)
            rememberWords(of: value, below: word)
        }
        for item in node.sequence ?? [] { rememberWords(of: item, below: parent) }
        if let word = node.scalar?.string { remember(word, node) }
    }

    private mutating func remember(_ word: String, _ node: Node) {
        if places[word] == nil { places[word] = Place(node) }
    }
}
