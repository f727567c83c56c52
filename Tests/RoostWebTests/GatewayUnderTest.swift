import ClientScenario
import InMemoryLogging
import RoostClient
import RoostCore
import Testing

@testable import RoostWeb

let token = "0123456789abcdef"

struct ProcessesStub: Encodable { let schema = "roost.ps/1" }

/// Runs a gateway on a free port for `body` and stops it in order.
func withGateway(
    _ script: [CommandOutcome] = [], log: InMemoryLogHandler = InMemoryLogHandler(),
    _ body: @escaping @Sendable (ClientScenario, Int) async throws -> Void
) async throws {
    let scenario = try ClientScenario(script)
    defer { #expect(throws: Never.self) { try scenario.remove() } }
    try await scenario.record(1, in: "note/1")
    try scenario.project()
    let gateway = Gateway(client: scenario.client, configuration: .init(port: 0, token: token), log: { _ in log }) {
        ProcessesStub()
    }
    let (ports, port) = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingNewest(1))
    let (stops, stop) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            try await gateway.run(onReady: { port.yield($0) }, until: { for await _ in stops { return } })
        }
        group.addTask {
            defer { stop.yield() }
            for await number in ports { return try await body(scenario, number) }
        }
        try await group.waitForAll()
    }
}

func post(
    _ body: String, headers: [String] = ["Authorization: Bearer \(token)"], port: Int
) async throws -> HTTPConnection.Answer {
    try await HTTPConnection.send(
        ["POST /api/v1/commands HTTP/1.1", "Host: localhost:\(port)"] + headers, body: body, port: port)
}

let writeNote = #"{"command":"WriteNote","to":"note/1","data":{"title":"milk"}}"#
