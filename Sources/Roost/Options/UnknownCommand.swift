import ArgumentParser
import RoostCore

/// A word on the command line where the name of a command stands, and is none.
struct UnknownCommand {
    private let word: String
    /// What stands before it, from `roost` on.
    private let path: [String]
    private let known: [String]

    /// Of the first words that are no commands; nil where they may be something else.
    static func first(in words: [String], below command: any ParsableCommand.Type) -> UnknownCommand? {
        first(in: words[...], below: command, path: [command._commandName])
    }

    private static func first(
        in words: ArraySlice<String>, below command: any ParsableCommand.Type, path: [String]
    ) -> UnknownCommand? {
        let commands = command.configuration.subcommands
        guard !commands.isEmpty, let word = words.first, word.first?.isLetter == true, word != "help" else {
            return nil
        }
        if let next = commands.first(where: { $0._commandName == word || $0.configuration.aliases.contains(word) }) {
            return first(in: words.dropFirst(), below: next, path: path + [word])
        }
        let known = commands.filter { $0.configuration.shouldDisplay }.map { $0._commandName }
        // It may be meant for the command that need not be named.
        let isMeant = Suggestion.nearest(to: word, among: known)?.first == word.first
        guard command.configuration.defaultSubcommand == nil || isMeant else { return nil }
        return UnknownCommand(word: word, path: path, known: known)
    }

    var failure: Failure {
        let place = path.joined(separator: " ")
        return Failure(
            code: "usage", message: "there is no command '\(place) \(word)'" + Suggestion.text(for: word, among: known),
            hint: "\(place) --help", exitCode: ExitCode.validationFailure.rawValue)
    }
}
