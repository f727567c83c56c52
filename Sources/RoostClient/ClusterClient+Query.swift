import RoostCore
package import RoostNode

extension ClusterClient {
    /// Answers a question from the current database of a projection, together with the positions it rests on.
    ///
    /// Without the name of a query the first argument may be a value for the first required parameter of the
    /// projection's first query: `query search lantern`. With `file` a database that was made as of an earlier time is
    /// asked instead.
    package func query(
        _ projectionName: String, _ arguments: [String], in file: String? = nil
    ) throws -> QueryDocument {
        let projection = try projection(projectionName)
        let (query, values) = try QueryArguments.parse(arguments, for: projection)
        let answer = try databases.read(projection: projection.name, in: file) { database in
            let progress = try database.progress()
            let found = try database.rows(query.sql, values)
            return QueryDocument(
                projection: projection.name, query: query.name, columns: found.columns, rows: found.rows,
                asOf: progress.sorted { $0.key < $1.key }.map { .init(partition: $0.key, position: $0.value.position) })
        }
        guard let answer else {
            throw ClientError(
                .notReady, code: "projectionAbsent", "projection '\(projection.name)' has no database yet",
                hint: "roost wait --for ready")
        }
        return answer
    }

    /// The name of a projection or reactor, if there is one.
    package func readerName(_ name: String) throws -> String {
        if domain.reactors.contains(where: { $0.name == name }) { return name }
        return try projection(name).name
    }

    package func projection(_ name: String) throws -> any Projection.Type {
        if let projection = domain.projections.first(where: { $0.name == name }) { return projection }
        let names = domain.projections.map { $0.name }
        throw ClientError(
            .notFound, code: "unknownProjection",
            "there is no projection '\(name)'" + Suggestion.text(for: name, among: names),
            hint: "projections are: " + names.joined(separator: ", "))
    }
}

/// The words after `roost query PROJECTION`.
package enum QueryArguments {
    package static func parse(
        _ arguments: [String], for projection: any Projection.Type
    ) throws -> (ProjectionQuery, [String: SQLValue]) {
        var rest = arguments[...]
        let query = try chooseQuery(&rest, projection)
        var values: [String: SQLValue] = [:]
        for parameter in query.parameters { if let standard = parameter.standard { values[parameter.name] = standard } }
        let required = query.parameters.filter { $0.standard == nil }
        var words: [String] = []
        for argument in rest {
            if let named = try named(argument, query) {
                values[named.0] = named.1
            } else if argument.contains("=") {
                throw unexpected(argument, query, projection)
            } else {
                words.append(argument)
            }
        }
        // Words without a name belong to the only parameter that needs a value: `query search white lantern`.
        if let only = required.first, required.count == 1, values[only.name] == nil {
            if !words.isEmpty { values[only.name] = value(words.joined(separator: " ")) }
        } else if let first = words.first {
            throw unexpected(first, query, projection)
        }
        for parameter in query.parameters where values[parameter.name] == nil {
            throw ClientError(
                .usage, code: "parameterMissing", "query '\(query.name)' needs \(parameter.name)=…",
                hint: "roost query \(projection.name) \(query.name) \(parameter.name)=…")
        }
        return (query, values)
    }

    private static func chooseQuery(
        _ rest: inout ArraySlice<String>, _ projection: any Projection.Type
    ) throws -> ProjectionQuery {
        if let word = rest.first, let query = projection.queries.first(where: { $0.name == word }) {
            rest.removeFirst()
            return query
        }
        if let first = projection.queries.first { return first }
        throw ClientError(.notFound, code: "unknownQuery", "projection '\(projection.name)' answers no queries")
    }

    private static func named(_ argument: String, _ query: ProjectionQuery) throws -> (String, SQLValue)? {
        guard let equals = argument.firstIndex(of: "=") else { return nil }
        let name = String(argument[..<equals])
        guard query.parameters.contains(where: { $0.name == name }) else { return nil }
        return (name, value(String(argument[argument.index(after: equals)...])))
    }

    /// A number only when it would be written the same way, so that `007` stays a text.
    private static func value(_ text: String) -> SQLValue {
        if let number = Int64(text), String(number) == text { .integer(number) } else { .text(text) }
    }

    private static func unexpected(
        _ argument: String, _ query: ProjectionQuery, _ projection: any Projection.Type
    ) -> ClientError {
        let queries = projection.queries.map(\.name)
        let parameters = query.parameters.map { "\($0.name)=…" }
        let isNamed = argument.contains("=")
        return ClientError(
            .notFound, code: isNamed ? "unknownParameter" : "unknownQuery",
            isNamed
                ? "query '\(query.name)' has no parameter '\(argument.prefix { $0 != "=" })'"
                : queries.contains(argument)
                    ? "'\(argument)' is a query of its own; ask one at a time"
                    : "projection '\(projection.name)' has no query '\(argument)'"
                        + Suggestion.text(for: argument, among: queries),
            hint: isNamed
                ? "its parameters are: " + (parameters.isEmpty ? "none" : parameters.joined(separator: ", "))
                : "its queries are: " + queries.joined(separator: ", "))
    }
}
