import ArgumentParser
import RoostClient

struct ProjectionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "projections",
        abstract: "How far every projection and reactor has come, and what became of every event.",
        discussion: "For each partition: head = applied + filtered + parked + discarded + pending.")

    @Flag(help: "One line for each partition.")
    var partitions = false

    @OptionGroup var clusterOptions: ClusterOptions
    @OptionGroup var outputOptions: OutputOptions

    mutating func run() async throws {
        let byPartition = partitions
        let document = try await clusterOptions.withClient { try $0.projections() }
        try outputOptions.show(document) {
            Self.text(document, byPartition: byPartition) + UnreadableText.lines(document.unreadable)
        }
        try UnreadableText.fail(document.unreadable)
    }

    private static func text(_ document: ProjectionsDocument, byPartition: Bool) -> String {
        var table = TextTable([
            ("name", .left), ("kind", .left), ("state", .left), ("partition", .right), ("head", .right),
            ("applied", .right), ("filtered", .right), ("parked", .right), ("discarded", .right), ("pending", .right),
            ("balance", .left),
        ])
        for reader in document.projections {
            let rows = reader.partitions
            if byPartition {
                for row in rows { table.add(cells(reader, row.partition.description, [row])) }
            } else {
                table.add(cells(reader, "all", rows))
            }
        }
        return table.text
    }

    private static func cells(
        _ reader: ProjectionsDocument.Reader, _ partition: String, _ rows: [ProjectionsDocument.Partition]
    ) -> [String] {
        let sums: [(ProjectionsDocument.Partition) -> UInt64] = [
            { $0.head }, { $0.applied }, { $0.filtered }, { $0.parked }, { $0.discarded }, { $0.pending },
        ]
        let numbers = sums.map { field in String(rows.reduce(0) { $0 + field($1) }) }
        let balance = rows.allSatisfy(\.balance.holds) ? "ok" : "WRONG"
        return [reader.name, reader.kind, reader.state, partition] + numbers + [balance]
    }
}
