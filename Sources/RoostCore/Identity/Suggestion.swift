/// Finds the word that was probably meant.
package enum Suggestion {
    /// `; did you mean 'x'?` or nothing.
    package static func text(for word: String, among candidates: some Sequence<String>) -> String {
        nearest(to: word, among: candidates).map { "; did you mean '\($0)'?" } ?? ""
    }

    /// The nearest of `candidates`, unless none is near: at most a third of the letters may differ, at least two.
    /// Of equally near words the longer wins, then the first in the alphabet.
    package static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        let limit = max(2, word.count / 3)
        let ranked = candidates.map { (distance: distance(word, $0), length: -$0.count, word: $0) }
        return ranked.filter { $0.distance <= limit }.min { $0 < $1 }?.word
    }

    /// Letters to insert, delete or replace to turn one word into the other.
    private static func distance(_ left: String, _ right: String) -> Int {
        let letters = Array(right.lowercased())
        var row = Array(0...letters.count)
        for (index, letter) in left.lowercased().enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in letters.indices {
                let replaced = diagonal + (letter == letters[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
            }
        }
        return row[letters.count]
    }
}
