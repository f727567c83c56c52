import ArgumentParser
import RoostClient
import RoostNode

struct QueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query", abstract: "Ask a projection.",
        discussion: """
            Examples: roost query dashboard · roost query dashboard stock sku=85123A · roost query search "white lantern"
            Without the name of a query the projection's first one is meant. --list shows what can be asked.
            An accepted command has a token (roost send --json): with --after the answer waits until it shows the result.
            """)

    @Argument(help: "The projection.")
    var projection: String

    @Argument(help: "The query and its parameters, as in name=value.")
    var arguments: [String] = []

    @Flag(help: "Show the queries of the projection.")
    var list = false

    @Option(name: .customLong("in"), help: "Ask this file, made by rebuild --until, instead of the live projection.")
    var file: String?

    @Option(help: "Answer when the projection shows what the command with this token did, as in 0:487.")
    var after: String?

    @Option(help: "How long to wait for that.")
    var timeout = DurationArgument(.seconds(10))

    @OptionGroup var clusterOptions: ClusterOptions
    @OptionGroup var outputOptions: OutputOptions

    func validate() throws {
        guard file == nil || after == nil else { throw ValidationError("a file does not move: leave --after out") }
    }

    mutating func run() async throws {
        let (projection, arguments, list, file) = (projection, arguments, list, file)
        let options = outputOptions
        let (token, timeout) = (try token(), timeout.duration)
        try await clusterOptions.withClient { client in
            guard !list else { return try options.put(Array(Self.list(try client.projection(projection)).utf8)) }
            if let token { try await client.wait(for: projection, after: token, timeout: timeout) }
            let document = try client.query(projection, arguments, in: file)
            try options.show(document) { Self.text(document) }
        }
    }

    private func token() throws -> ReadToken? {
        guard let after else { return nil }
        guard let token = ReadToken(after) else {
            throw ValidationError("'\(after)' is no token: partition and position, as in 0:487 or 0:487,6:12")
        }
        return token
    }

    private static func list(_ projection: any Projection.Type) -> String {
        projection.queries.map { query in
            let parameters = query.parameters.map { $0.standard == nil ? "\($0.name)=…" : "[\($0.name)=…]" }
            return Paint.name(([query.name] + parameters).joined(separator: " ")) + "\n    \(query.help)\n"
        }.joined()
    }

    private static func text(_ document: QueryDocument) -> String {
        let numeric = document.columns.indices.map { column in
            document.rows.allSatisfy { row in
                switch row[column] {
                case .integer, .real, .null: true
                case .text, .blob: false
                }
            }
        }
        var table = TextTable(document.columns.enumerated().map { ($1, numeric[$0] ? .right : .left) })
        for row in document.rows { table.add(row.map(cell)) }
        let count = document.rows.count
        return table.text
            + Paint.dim("\(count) row\(count == 1 ? "" : "s") of \(document.projection) \(document.query)")
            + "\n"
    }

    private static func cell(_ value: SQLValue) -> String {
        switch value {
        case .null: "-"
        case .integer(let number): String(number)
        case .real(let number): String(number)
        case .text(let text): text
        case .blob(let bytes): "\(bytes.count) bytes"
        }
    }
}
