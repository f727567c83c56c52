import ArgumentParser
import RoostClient
import RoostCore

/// What saves loading a long stream from its first event.
struct SnapshotsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshots", abstract: "The kept states of long streams.",
        discussion: """
            A snapshot is made aside every so many events of a stream. It is only a hint: code that folds otherwise does
            not load it, and nothing is lost when it is missing. Remove the cluster's snapshots directory to start anew.
            """)

    @Argument(help: "Only of this stream, as in stock/85123A.")
    var stream: String?

    @OptionGroup var limitOptions: LimitOptions
    @OptionGroup var clusterOptions: ClusterOptions
    @OptionGroup var outputOptions: OutputOptions

    mutating func run() async throws {
        let name = try stream.map { try StreamName($0) }
        let limit = limitOptions.limit
        let document = try await clusterOptions.withClient { try $0.snapshots(of: name, limit: limit) }
        try outputOptions.show(document) { Self.text(document) }
    }

    private static func words(_ policy: SnapshotsDocument.Policy) -> String {
        if policy.every == 0 { return "never" }
        guard policy.withoutSample.isEmpty else {
            return "never (no sample of \(policy.withoutSample.joined(separator: ", ")))"
        }
        return "every \(policy.every) events"
    }

    private static func text(_ document: SnapshotsDocument) -> String {
        var table = TextTable([
            ("stream", .left), ("version", .right), ("newest", .right), ("bytes", .right), ("made", .left),
            ("usable", .left),
        ])
        for entry in document.snapshots {
            table.add([
                entry.stream, "\(entry.version)", "\(entry.newestVersion)", "\(entry.bytes)", "\(entry.madeAt)",
                entry.isUsable ? "yes" : "no: folded by other code",
            ])
        }
        let policies = document.policies.map { policy in
            "\(policy.category) \(Self.words(policy))"
        }
        return table.text
            + Paint.dim(
                "\(document.snapshots.count) of \(document.count) snapshots · \(policies.joined(separator: ", "))\n")
    }
}
