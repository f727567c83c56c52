import RoostCore
import RoostJSON
import RoostLog
import RoostNode

extension ClusterClient {
    /// The events that made a row of a projection what it is, in order; with a column only those that changed its value.
    package func why(
        _ name: String, _ target: WhyTarget, column: String?, progress: (UInt64) -> Void
    ) throws -> WhyDocument {
        let projection = try projection(name)
        let table = try table(target, of: projection)
        let key = try target.key(of: table)
        let (columns, changes) = try Provenance(
            projection, log: log, codec: codec, live: try databases.path(ofProjection: projection.name)
        )
        .changes(of: table, key: key, report: progress)
        if let column, !columns.contains(column) {
            throw ClientError(
                .notFound, code: "unknownColumn",
                "\(projection.name) has no column '\(column)' in \(table.name)"
                    + Suggestion.text(for: column, among: columns),
                hint: "columns are: " + columns.joined(separator: ", "))
        }
        guard !changes.isEmpty else {
            throw ClientError(
                .notFound, code: "unknownRow",
                "no event has ever made a row \(target.text) of \(projection.name): \(table.key.joined(separator: ", ")) "
                    + "is the key of \(table.name)",
                hint: "roost query \(projection.name)")
        }
        let entries = changes.map { WhyDocument.Entry($0, columns, only: column) }.filter { !$0.changes.isEmpty }
        return WhyDocument(
            projection: projection.name, table: table.name, key: key, column: column, entries: entries,
            exists: changes.last?.after != nil)
    }

    private func table(_ target: WhyTarget, of projection: any Projection.Type) throws -> TableDefinition {
        let tables = projection.tables.filter { $0.kind == .rows }
        if let table = tables.first(where: { $0.name == target.table }) { return table }
        let names = tables.map(\.name)
        throw ClientError(
            .notFound, code: "unknownTable",
            "\(projection.name) has no table '\(target.table)'" + Suggestion.text(for: target.table, among: names),
            hint: "tables are: " + names.joined(separator: ", "))
    }
}

/// A row as a person names it: `TABLE/KEY`, the parts of a longer key separated by commas.
package struct WhyTarget: Sendable {
    package let text: String
    let table: String
    private let rest: String

    /// nil without a slash, a table or a key.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        self.text = text
        table = String(parts[0])
        rest = String(parts[1])
    }

    func key(of definition: TableDefinition) throws -> [String] {
        guard definition.key.count > 1 else { return [rest] }
        let parts = rest.split(separator: ",", maxSplits: definition.key.count - 1).map(String.init)
        if parts.count == definition.key.count { return parts }
        throw ClientError(
            .usage, code: "incompleteKey", "the key of \(table) is \(definition.key.joined(separator: ", "))",
            hint: "write \(table)/" + definition.key.map { $0.uppercased() }.joined(separator: ","))
    }
}
