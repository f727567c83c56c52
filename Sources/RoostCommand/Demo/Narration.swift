import Foundation

/// What the demo says.
enum Narration {
    private static let isTerminal = isatty(STDOUT_FILENO) == 1

    static func title(_ text: String) { say("\n" + bold("== \(text)") + "\n") }
    static func line(_ text: String) { say(text + "\n") }

    /// As a user would type it.
    static func command(_ arguments: [String]) {
        let words = arguments.map { $0.contains(where: { " {}\"".contains($0) }) ? "'\($0)'" : $0 }
        say(bold("$ roost " + words.joined(separator: " ")) + "\n")
    }

    private static func bold(_ text: String) -> String { isTerminal ? "\u{1B}[1m\(text)\u{1B}[0m" : text }

    /// Written at once, so that it stands before the output of the next command.
    private static func say(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
}
