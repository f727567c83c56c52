package import RoostCore
package import RoostNode

/// The commands of a domain by category: refuses what no process could understand before it is sent.
package struct DomainIndex: Sendable {
    private let commands: [String: [String]]

    package init(_ domain: Domain) {
        let pairs = domain.aggregates.map { Self.entry($0) }
        commands = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    private static func entry<Kind: Aggregate>(_ kind: Kind.Type) -> (String, [String]) {
        (Kind.category, Kind.Command.kinds.map(\.name))
    }

    /// Why a command cannot be meant for a stream; nil when it can.
    package func refusal(of command: String, to stream: StreamName) -> (code: String, reason: String, next: String)? {
        guard let known = commands[stream.category] else {
            let categories = commands.keys.sorted()
            return (
                "unknownCategory",
                "there is no category '\(stream.category)'"
                    + Suggestion.text(for: stream.category, among: categories),
                "categories are: " + categories.joined(separator: ", ")
            )
        }
        guard !known.contains(command) else { return nil }
        let elsewhere = commands.filter { $0.value.contains(command) }.keys.sorted()
        let meant =
            elsewhere.isEmpty
            ? Suggestion.text(for: command, among: known) : "; it is a command of '\(elsewhere[0])'"
        return (
            "unknownCommand", "'\(stream.category)' has no command '\(command)'" + meant,
            "commands of '\(stream.category)' are: " + known.joined(separator: ", ")
        )
    }
}
