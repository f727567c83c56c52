package import RoostCore
import RoostJSON
package import RoostNode

/// The commands of a domain by category: refuses what no process could understand before it is sent.
package struct DomainIndex: Sendable {
    private let commands: [String: [Known]]

    private struct Known: Sendable {
        let name: String
        /// What is wrong with the data, where only the sender can notice.
        let flaw: @Sendable (Bytes) -> (reason: String, next: String)?
    }

    package init(_ domain: Domain) {
        let pairs = domain.aggregates.map { Self.entry($0) }
        commands = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    private static func entry<Kind: Aggregate>(_ kind: Kind.Type) -> (String, [Known]) {
        (Kind.category, Kind.Command.kinds.map { kind in Known(name: kind.name) { unknownKey(in: $0, of: kind) } })
    }

    /// A key that the command never reads is a mistyped one, and what it says would be lost. Data that cannot be read at
    /// all is left to the writer, whose answer says why.
    private static func unknownKey<Whole>(
        in data: Bytes, of kind: PayloadKind<Whole>
    ) -> (reason: String, next: String)? {
        let decoder = JSONPayloadDecoder(notingKeys: true)
        return data.withUnsafeBytes { bytes in
            do {
                _ = try kind.decode(decoder, bytes)
            } catch {
                return nil
            }
            return decoder.unknownKey.map { unknown in
                let fields = unknown.known.isEmpty ? "none" : unknown.known.joined(separator: ", ")
                return (
                    "'\(kind.name)' has no field '\(unknown.path)'"
                        + Suggestion.text(for: unknown.key, among: unknown.known),
                    "fields there are: " + fields
                )
            }
        }
    }

    /// Why data cannot be meant for a command; nil when it can, and for commands that are not known.
    package func refusal(
        of data: Bytes, for command: String, to stream: StreamName
    ) -> (code: String, reason: String, next: String)? {
        guard let flaw = commands[stream.category]?.first(where: { $0.name == command })?.flaw(data) else { return nil }
        return ("unknownKey", flaw.reason, flaw.next)
    }

    /// Why a command cannot be meant for a stream; nil when it can.
    package func refusal(of command: String, to stream: StreamName) -> (code: String, reason: String, next: String)? {
        guard let known = commands[stream.category]?.map(\.name) else {
            let categories = commands.keys.sorted()
            return (
                "unknownCategory",
                "there is no category '\(stream.category)'"
                    + Suggestion.text(for: stream.category, among: categories),
                "categories are: " + categories.joined(separator: ", ")
            )
        }
        guard !known.contains(command) else { return nil }
        let elsewhere = commands.filter { $0.value.contains { $0.name == command } }.keys.sorted()
        let meant =
            elsewhere.isEmpty
            ? Suggestion.text(for: command, among: known) : "; it is a command of '\(elsewhere[0])'"
        return (
            "unknownCommand", "'\(stream.category)' has no command '\(command)'" + meant,
            "commands of '\(stream.category)' are: " + known.joined(separator: ", ")
        )
    }
}
