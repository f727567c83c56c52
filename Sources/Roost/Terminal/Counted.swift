/// How many of something, in words.
enum Counted {
    static func of(_ count: some BinaryInteger, _ word: String) -> String { "\(count) \(word)\(count == 1 ? "" : "s")" }
}
