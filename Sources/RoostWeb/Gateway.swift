import Foundation
import HTTPTypes
import Hummingbird
import Instrumentation
package import Logging
import NIOCore
package import RoostClient
import RoostCore
import RoostLog
import RoostNode
import RoostTrace
import RoostZeroMQ
import ServiceLifecycle
import Synchronization

/// HTTP for browsers and scripts on this machine: commands in, documents out. Listens on the loopback interface only.
///
/// Reads of the log and of projections block, so they run on a thread of their own.
package final class Gateway: Sendable {
    private let configuration: GatewayConfiguration
    private let routes: GatewayRoutes
    private let boundPort = Mutex(0)
    private let reads = SocketThread(name: "gateway-reads")
    private let logger: Logger

    /// `processes` gives the document `roost.ps/1`; `log` makes what takes the lines of the log.
    package init(
        client: ClusterClient, configuration: GatewayConfiguration,
        log: (String) -> any LogHandler = { StreamLogHandler.standardError(label: $0) },
        processes: @escaping @Sendable () throws -> any Encodable
    ) {
        var logger = Logger(label: "gateway", factory: log)
        logger.logLevel = .warning
        logger.handler.metadataProvider = .correlation
        self.logger = logger
        self.configuration = configuration
        routes = GatewayRoutes(client: client, processes: processes)
    }

    /// Serves until `stop` returns; then ends what is under way and closes. `onReady` gets the port once it listens.
    ///
    /// Throws `ClientError` when it cannot listen, a busy port above all.
    package func run(
        onReady: @escaping @Sendable (Int) -> Void, until stop: @escaping @Sendable () async -> Void
    ) async throws {
        let application = Application(
            responder: CallbackResponder { [self] (request: Request, _: BasicRequestContext) in
                await RequestSpan.around(request) { await respond(to: request) }.response
            },
            configuration: .init(address: .hostname("127.0.0.1", port: configuration.port), serverName: "roost"),
            onServerRunning: { [self] channel in
                let port = channel.localAddress?.port ?? 0
                boundPort.withLock { $0 = port }
                onReady(port)
            }, logger: logger)
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: application, failureTerminationBehavior: .cancelGroup)], logger: logger))
        defer { reads.shutdown() }
        try await serve(group, until: stop)
    }

    private func serve(_ group: ServiceGroup, until stop: @escaping @Sendable () async -> Void) async throws {
        do {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                tasks.addTask {
                    await stop()
                    await group.triggerGracefulShutdown()
                }
                try await tasks.next()
                try await tasks.waitForAll()
            }
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw ClientError(
                .failed, code: "portBusy", "port \(configuration.port) of 127.0.0.1 is taken",
                hint: "end whatever listens there, or choose another port in the topology (0 takes a free one)")
        }
    }

    private func respond(to request: Request) async -> Reply {
        let check = RequestGuard(port: boundPort.withLock { $0 }, token: configuration.token)
        if let refusal = check.refusal(host: request.head.authority, origin: request.headers[.origin]) {
            return .error(refusal)
        }
        let parts = request.uri.path.split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
        guard parts.count > 2, parts[0] == "api", parts[1] == "v1" else { return GatewayRoutes.unknownPath }
        if parts[2] == "commands", parts.count == 3 { return await write(request, check) }
        guard request.method == .get else { return Self.wrongMethod(allowed: "GET") }
        let parameters = request.uri.queryParameters.map { (name: String($0.key), value: String($0.value)) }
        return await read(Array(parts.dropFirst(2)), parameters)
    }

    private func read(_ path: [String], _ parameters: [(name: String, value: String)]) async -> Reply {
        await withTaskExecutorPreference(reads) { [routes] in
            await Self.caught { try await routes.read(path, parameters) }
        }
    }

    private func write(_ request: Request, _ check: RequestGuard) async -> Reply {
        guard request.method == .post else { return Self.wrongMethod(allowed: "POST") }
        if let refusal = check.refusal(authorization: request.headers[.authorization]) { return .error(refusal) }
        do {
            let buffer = try await request.body.collect(upTo: configuration.bodyBytesMax)
            let body = try DocumentText.parse(CommandBody.self, Array(buffer.readableBytesView), what: "the body")
            let parent = TraceParent.current ?? request.headers[.traceparent].flatMap { TraceParent($0) }
            let command = try body.command(idempotencyKey: request.headers[.idempotencyKey], traceparent: parent)
            return try await ServiceContext.withCorrelation(command.correlationID) {
                try await sent(command, askedBy: parent)
            }
        } catch is NIOTooManyBytesError {
            return .error(
                413, code: "bodyTooLarge", "the body is larger than \(configuration.bodyBytesMax) bytes",
                hint: "put large content elsewhere and send a reference to it")
        } catch {
            return await Self.caught { throw error }
        }
    }

    private func sent(_ command: OutsideCommand, askedBy parent: TraceParent?) async throws -> Reply {
        // What a conflict missed, and which event was stored, is read from the disk like everything else that is read.
        let (sent, next) = await withTaskExecutorPreference(reads) { [client = routes.client] in
            let sent = await client.send(command)
            return (sent, client.traceParent(after: sent, askedBy: parent))
        }
        if sent.outcome == .unknown { logUnknown(sent.document) }
        let isTooLarge = sent.document.code == "payloadTooLarge"
        var reply = try Reply.document(sent.document, status: isTooLarge ? 413 : sent.outcome.httpStatus)
        if let next { reply.headers.append((.traceparent, next.description)) }
        if sent.outcome.isRetriable { reply.headers.append((.retryAfter, "1")) }
        return reply
    }

    private func logUnknown(_ document: SentDocument) {
        logger.warning(
            "nobody knows whether a command was carried out",
            metadata: ["commandID": "\(document.commandID)", "reason": "\(document.reason ?? document.outcome)"])
    }

    private static func wrongMethod(allowed: String) -> Reply {
        var reply = Reply.error(405, code: "wrongMethod", "this path takes \(allowed) only")
        reply.headers.append((.allow, allowed))
        return reply
    }

    private static func caught(_ body: () async throws -> Reply) async -> Reply {
        do {
            return try await body()
        } catch let error as ClientError {
            return .error(error)
        } catch let error as EventLogError {
            return .error(ClientError(error))
        } catch let error as TableError {
            return .error(500, code: "database", error.description, hint: "roost doctor")
        } catch {
            return .error(500, code: "failed", "\(error)", hint: "roost logs gateway")
        }
    }
}

extension HTTPField.Name {
    fileprivate static let idempotencyKey = HTTPField.Name(constant: "idempotency-key")
    fileprivate static let traceparent = HTTPField.Name(constant: "traceparent")

    /// For names that are constants of this file.
    private init(constant name: String) {
        guard let field = HTTPField.Name(name) else { preconditionFailure("'\(name)' is no header") }
        self = field
    }
}
