import ArgumentParser
import RoostClient
import RoostTrace

struct MapCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "map", abstract: "Which event leads to which, from all chains of the log.",
        discussion: """
            Every pair of a cause and its direct effect, how often it happened and how long it took: the process as it really
            is, rare paths included. Mermaid, DOT and SVG are for -o FILE.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, mermaid, dot, svg }

    @Option(help: "How it is drawn.")
    var format: Format = .text

    @OptionGroup var clusterOptions: ClusterOptions
    @OptionGroup var outputOptions: OutputOptions

    mutating func run() async throws {
        let map = try await clusterOptions.folding { try $0.processMap(progress: $1) }
        let format = format
        try outputOptions.show(map) {
            switch format {
            case .text: Self.text(map)
            case .mermaid: ProcessMapText(map).mermaid
            case .dot: ProcessMapText(map).dot
            case .svg: ProcessMapPicture(map).svg
            }
        }
    }

    private static func text(_ map: ProcessMap) -> String {
        var table = TextTable([
            ("cause", .left), ("effect", .left), ("times", .right), ("median", .right), ("p99", .right),
        ])
        for edge in map.edges {
            table.add([
                edge.from, edge.to, "\(edge.count)", ProcessMap.words(edge.median), ProcessMap.words(edge.p99),
            ])
        }
        let starts = map.nodes.filter { $0.starts > 0 }.map { "\($0.type) \($0.starts)" }.joined(separator: ", ")
        let ends = map.nodes.filter { $0.ends > 0 }.map { "\($0.type) \($0.ends)" }.joined(separator: ", ")
        return table.text + "begin with  \(starts)\nend with    \(ends)\n"
            + "\(Counted.of(map.events, "event")) in \(Counted.of(map.chains, "chain"))\n"
    }
}
