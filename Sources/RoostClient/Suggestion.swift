/// Finds what somebody probably meant.
package enum Suggestion {
    /// `; did you mean 'x'?` or nothing.
    package static func text(for word: String, among candidates: [String]) -> String {
        closest(to: word, among: candidates).map { "; did you mean '\($0)'?" } ?? ""
    }

    package static func closest(to word: String, among candidates: [String]) -> String? {
        let lower = word.lowercased()
        let ranked = candidates.map { ($0, distance(lower, $0.lowercased())) }.min { $0.1 < $1.1 }
        guard let (candidate, distance) = ranked, distance <= max(1, word.count / 3) else { return nil }
        return candidate
    }

    private static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var previous = Array(0...right.count)
        for (row, character) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                let change = previous[column] + (character == other ? 0 : 1)
                current.append(min(change, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[right.count]
    }
}
