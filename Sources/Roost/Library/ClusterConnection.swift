import Foundation
import RoostClient
import RoostCluster
import RoostJSON
import RoostTrace

/// A running cluster, from a Swift program of one's own: sends commands, reads states and asks projections.
///
///     try await ClusterConnection.open(".roost/shop", domain: ShopDomain.domain) { shop in
///         let receipt = try await shop.send(PayOrder(amount: 339), to: "order/2", expecting: .any)
///         let rows = try await shop.query("dashboard", "overview", after: receipt)
///     }
public struct ClusterConnection: Sendable {
    private let client: ClusterClient

    /// Opens the cluster in a directory, such as `.roost/shop`, for `body`; what `body` receives is invalid once it returns.
    /// Throws when there is no log yet.
    public static func open<Result: Sendable>(
        _ directory: String, domain: Domain, _ body: (ClusterConnection) async throws -> Result
    ) async throws -> Result {
        try await ClusterClient.withCluster(ClusterDirectory(path: directory), domain: domain, sending: true) {
            client in
            try await body(ClusterConnection(client: client))
        }
    }

    /// Sends a command once and returns what it stored. Throws `CommandFailure`, which says whether it can have been executed.
    ///
    /// With a `commandID` the same command can be sent again: it is executed once, and has the same receipt. Sent within a span,
    /// it carries the span's `traceparent`, as do the events that it stores and all that follows from them.
    public func send(
        _ command: any CommandPayload, to stream: StreamName, expecting expected: ExpectedVersion,
        commandID: CommandID? = nil, timeout: Duration = .seconds(10)
    ) async throws -> CommandReceipt {
        let bytes = try JSONPayloadEncoder().bytes(command)
        let sent = await client.send(
            OutsideCommand(
                type(of: command).name, to: stream, data: Bytes(bytes), commandID: commandID, expected: expected,
                traceparent: TraceParent.current?.description, timeout: timeout))
        guard sent.outcome == .accepted else { throw CommandFailure(sent) }
        return try CommandReceipt(sent.document)
    }

    /// The state of an aggregate as the log has it now, and its version: 0 before its first event.
    public func state<Subject: Aggregate & SendableMetatype>(
        of type: Subject.Type, id: String
    ) throws -> (state: Subject.State, version: StreamVersion) {
        let stream = try StreamName("\(Subject.category)/\(id)")
        guard let found = try client.newestState(of: stream) else { return (Subject.initial(id: id), .none) }
        return (try JSONPayloadDecoder().decode(Subject.State.self, from: found.state.bytes), found.version)
    }

    /// Changes an aggregate by what its state says: loads it, asks `body` for a command, and sends that for exactly the version
    /// that `body` saw. When somebody else wrote first, it loads and asks again, at most `attemptsMax` times; when an answer is
    /// missing, the same command is sent again under the same ID. nil when `body` wants nothing.
    ///
    /// `body` may be called several times, so it should only decide. Throws `CommandFailure` for a command that is rejected,
    /// and for the last attempt.
    public func update<Subject: Aggregate & SendableMetatype>(
        _ type: Subject.Type, id: String, attemptsMax: Int = 10,
        _ body: (_ state: Subject.State, _ version: StreamVersion) async throws -> (any CommandPayload)?
    ) async throws -> CommandReceipt? {
        let stream = try StreamName("\(Subject.category)/\(id)")
        var attempts = 0
        while true {
            let (state, version) = try self.state(of: type, id: id)
            guard let command = try await body(state, version) else { return nil }
            let commandID = try CommandID(UUID().uuidString)
            var failure: CommandFailure?
            repeat {
                attempts += 1
                do {
                    let expected: ExpectedVersion = version == .none ? .noStream : .exactly(version)
                    return try await send(command, to: stream, expecting: expected, commandID: commandID)
                } catch let error as CommandFailure {
                    guard error.mayBeRetried, attempts < attemptsMax else { throw error }
                    failure = error
                    if error.outcome != .conflict { try await Task.sleep(for: .milliseconds(20) * attempts) }
                }
            } while failure?.outcome != .conflict
        }
    }

    /// The rows of a projection's query, by column. With `receipt` only once the projection shows what that command stored.
    public func query(
        _ projection: String, _ name: String, _ values: [String: String] = [:], after receipt: CommandReceipt? = nil,
        timeout: Duration = .seconds(10)
    ) async throws -> [[String: SQLValue]] {
        if let receipt {
            try await client.wait(
                for: projection, after: ReadToken(receipt.partition, receipt.position), timeout: timeout)
        }
        let document = try client.query(projection, [name] + values.map { "\($0.key)=\($0.value)" })
        return document.rows.map { Dictionary(zip(document.columns, $0), uniquingKeysWith: { $1 }) }
    }
}
