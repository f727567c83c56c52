import Foundation

/// What a person is asked before something that cannot be taken back.
enum Confirmation {
    /// Asks on a terminal; elsewhere nobody can answer, so it must have been said before, by --yes.
    static func ask(_ question: String, unless isYes: Bool) throws {
        guard !isYes else { return }
        guard isatty(STDIN_FILENO) == 1 else {
            throw Failure(
                code: "notConfirmed", message: "this cannot be undone, and nobody can be asked", hint: "add --yes",
                exitCode: 64)
        }
        Terminal.error("\(question) [y/N] ")
        guard let answer = readLine(), answer.lowercased().hasPrefix("y") else {
            throw Failure(
                code: "declined", message: "nothing was changed", hint: "--yes, to say it at once", exitCode: 1)
        }
    }
}
