import RoostClient
import RoostCore

/// What the gateway answers when asked to read. The same documents as the command line prints under `--json`.
struct GatewayRoutes: Sendable {
    let client: ClusterClient
    /// The document `roost.ps/1`.
    let processes: @Sendable () throws -> any Encodable

    static let paths = [
        "ps", "events", "events/{id}", "streams/{category}/{id}", "states/{category}/{id}?at=TIME",
        "states/{category}/{id}?from=TIME&to=TIME",
        "histories/{category}/{id}?field=NAME", "traces/last", "traces/{id}", "projections", "projections/{name}",
        "timers", "parked", "contracts/live", "feeds/{name}?after=NUMBER",
        "query/{projection}/{query}?name=value&after=TOKEN",
    ]

    /// Carries a `ReadToken`; a query's own parameter of this name cannot be given over HTTP.
    private static let after = "after"
    /// How long an answer waits for a projection to show what a token names.
    private static let patience = Duration.seconds(10)
    private static let limitStandard = 20
    private static let limitMax = 1000

    /// The parameters of paths that look at them nowhere else.
    private static let known = [
        "ps": [], "events": ["limit"], "streams": ["from", "limit"], "traces": [], "projections": [], "parked": [],
        "contracts": [],
    ]

    /// `path` is what follows `/api/v1/`, in parts; `parameters` are those of the query string, in order.
    func read(_ path: [String], _ parameters: [(name: String, value: String)]) async throws -> Reply {
        if let first = path.first, let known = Self.known[first] { try Self.refuseUnknown(parameters, known: known) }
        return switch path.first {
        case "ps" where path.count == 1: try encode(try processes())
        case "events": try events(Array(path.dropFirst()), parameters)
        case "streams" where path.count >= 3: try stream(try Self.stream(path), parameters)
        case "states" where path.count >= 3: try state(try Self.stream(path), parameters)
        case "histories" where path.count >= 3: try history(try Self.stream(path), parameters)
        case "traces" where path.count == 2: try trace(path[1])
        case "projections" where path.count == 1: try .document(try client.projections())
        case "projections" where path.count == 2: try projection(path[1])
        case "timers" where path.count == 1: try timers(parameters)
        case "parked" where path.count == 1: try .document(try client.parked())
        case "contracts" where path == ["contracts", "live"]: try .document(try client.liveContracts())
        case "feeds" where path.count == 2: try feed(path[1], parameters)
        case "query" where path.count >= 2: try await query(path[1], Array(path.dropFirst(2)), parameters)
        default: Self.unknownPath
        }
    }

    static let unknownPath = Reply.error(
        404, code: "unknownPath", "there is nothing at this path",
        hint: "GET /api/v1/ and one of: \(paths.joined(separator: ", ")); or POST /api/v1/commands")

    private func encode(_ document: any Encodable) throws -> Reply { try .document(document) }

    private func events(_ rest: [String], _ parameters: [(name: String, value: String)]) throws -> Reply {
        guard let text = rest.first, rest.count == 1 else {
            guard rest.isEmpty else { return Self.unknownPath }
            let newest = try client.tail(limit: try limit(parameters))
            return try .document(EventsDocument(newest.events, unreadable: newest.unreadable))
        }
        guard let id = EventID(text) else { throw Self.notAnID(text) }
        return try .document(EventsDocument([try client.event(id)]))
    }

    /// What follows the first part of a path.
    private static func stream(_ path: [String]) throws -> StreamName {
        do throws(InvalidName) {
            return try StreamName(path.dropFirst().joined(separator: "/"))
        } catch {
            throw ClientError(.usage, code: "invalidName", error.description)
        }
    }

    private func stream(_ stream: StreamName, _ parameters: [(name: String, value: String)]) throws -> Reply {
        let events = try client.events(
            of: stream, from: try from(parameters), limit: try limit(parameters, standard: Self.limitMax))
        return try .document(EventsDocument(events))
    }

    private func state(_ stream: StreamName, _ parameters: [(name: String, value: String)]) throws -> Reply {
        try Self.refuseUnknown(parameters, known: ["at", "occurred", "version", "from", "to"])
        let isDiff = parameters.contains { $0.name == "from" || $0.name == "to" }
        guard isDiff else { return try .document(try client.state(of: stream, at: try moment(parameters))) }
        guard parameters.count == 2, let from = try time("from", parameters), let to = try time("to", parameters) else {
            throw ClientError(
                .usage, code: "invalidParameter", "give from and to, and nothing else", hint: Moment.timeHelp)
        }
        return try .document(try client.changes(of: stream, from: from, to: to))
    }

    private func time(_ name: String, _ parameters: [(name: String, value: String)]) throws -> Timestamp? {
        guard let text = parameters.last(where: { $0.name == name })?.value else { return nil }
        guard let time = Moment.time(text) else {
            throw ClientError(.usage, code: "invalidParameter", "\(name) is no time", hint: Moment.timeHelp)
        }
        return time
    }

    private func history(_ stream: StreamName, _ parameters: [(name: String, value: String)]) throws -> Reply {
        try Self.refuseUnknown(parameters, known: ["from", "limit", "field"])
        return try .document(
            try client.history(
                of: stream, from: try from(parameters), limit: try limit(parameters, standard: Self.limitMax),
                field: parameters.last { $0.name == "field" }?.value))
    }

    /// `at` is a recorded time, `occurred` one of occurrence.
    private func moment(_ parameters: [(name: String, value: String)]) throws -> Moment {
        guard parameters.count <= 1 else {
            throw ClientError(.usage, code: "invalidParameter", "give one of at, occurred and version")
        }
        guard let name = parameters.first?.name else { return .newest }
        if name == "version" { return .version(try version(name, parameters)) }
        guard let time = try time(name, parameters) else { return .newest }
        return name == "at" ? .recorded(time) : .occurred(time)
    }

    private func from(_ parameters: [(name: String, value: String)]) throws -> StreamVersion {
        try version("from", parameters)
    }

    private func version(_ name: String, _ parameters: [(name: String, value: String)]) throws -> StreamVersion {
        let version = try number(name, parameters) ?? 1
        guard version > 0 else { throw ClientError(.usage, code: "invalidParameter", "the first version is 1") }
        return StreamVersion(UInt64(version))
    }

    /// A mistyped name of a moment must not give the answer for another one.
    private static func refuseUnknown(
        _ parameters: [(name: String, value: String)], known: [String]
    ) throws {
        guard let unknown = parameters.first(where: { !known.contains($0.name) }) else { return }
        throw ClientError(
            .usage, code: "unknownParameter",
            "there is no parameter '\(unknown.name)'" + Suggestion.text(for: unknown.name, among: known),
            hint: known.isEmpty ? "there are no parameters here" : "parameters are: " + known.joined(separator: ", "))
    }

    private func timers(_ parameters: [(name: String, value: String)]) throws -> Reply {
        try Self.refuseUnknown(parameters, known: ["limit"])
        return try .document(try client.timers(limit: try limit(parameters)))
    }

    private func feed(_ name: String, _ parameters: [(name: String, value: String)]) throws -> Reply {
        try Self.refuseUnknown(parameters, known: ["after", "limit"])
        return try .document(
            try client.feed(
                name, after: UInt64(try number("after", parameters) ?? 0),
                limit: try limit(parameters, standard: Self.limitMax)))
    }

    private func trace(_ text: String) throws -> Reply {
        if text == "last" { return try .document(try client.lastTrace()) }
        return try .document(try client.trace(named: text))
    }

    private func projection(_ name: String) throws -> Reply {
        let known = try client.readerName(name)
        let all = try client.projections()
        return try .document(
            ProjectionsDocument(all.projections.filter { $0.name == known }, unreadable: all.unreadable))
    }

    private func query(
        _ projection: String, _ rest: [String], _ parameters: [(name: String, value: String)]
    ) async throws -> Reply {
        guard rest.count <= 1 else { return Self.unknownPath }
        if let token = try token(parameters) {
            try await client.wait(for: projection, after: token, timeout: Self.patience)
        }
        let values = parameters.filter { $0.name != Self.after }.map { "\($0.name)=\($0.value)" }
        return try .document(try client.query(projection, rest + values))
    }

    private func token(_ parameters: [(name: String, value: String)]) throws -> ReadToken? {
        try parameters.filter { $0.name == Self.after }.reduce(nil as ReadToken?) { sum, parameter in
            guard let token = ReadToken(parameter.value) else {
                throw ClientError(
                    .usage, code: "invalidParameter", "\(Self.after) is no token",
                    hint: "give the token of an accepted command, as in 0:487")
            }
            return sum?.merged(with: token) ?? token
        }
    }

    private func limit(
        _ parameters: [(name: String, value: String)], standard: Int = limitStandard
    ) throws -> Int {
        let limit = try number("limit", parameters) ?? standard
        guard (1...Self.limitMax).contains(limit) else {
            throw ClientError(.usage, code: "invalidParameter", "limit is from 1 to \(Self.limitMax)")
        }
        return limit
    }

    private func number(_ name: String, _ parameters: [(name: String, value: String)]) throws -> Int? {
        guard let text = parameters.last(where: { $0.name == name })?.value else { return nil }
        guard let number = Int(text), number >= 0 else {
            throw ClientError(.usage, code: "invalidParameter", "\(name) is not a number")
        }
        return number
    }

    private static func notAnID(_ text: String) -> ClientError {
        ClientError(
            .usage, code: "invalidID", "'\(text.prefix(64))' is no ID",
            hint: "IDs are 32 hexadecimal digits, with or without dashes")
    }
}
