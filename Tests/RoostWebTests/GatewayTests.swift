import ClientScenario
import Foundation
import RoostClient
import RoostCore
import Testing

@testable import RoostWeb

@Suite(.timeLimit(.minutes(1))) struct GatewayTests {
    @Test("Every outcome has its HTTP status and the document roost.sent/1")
    func outcomes() async throws {
        let script: [CommandOutcome] = [.accepted, .rejected, .conflict, .overloaded, .unavailable, .unknown]
        try await withGateway(script) { _, port in
            var answers: [HTTPConnection.Answer] = []
            for _ in script { answers.append(try await post(writeNote, port: port)) }
            #expect(answers.map(\.status) == [200, 422, 409, 429, 503, 504])
            #expect(try answers.allSatisfy { try $0.field("schema") == "roost.sent/1" })
            #expect(try answers.map { try $0.field("outcome") } == script.map(\.word))
        }
    }

    @Test("The Idempotency-Key is the command ID, and a traceparent goes along")
    func idempotencyKey() async throws {
        try await withGateway { scenario, port in
            let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            let headers = ["Authorization: Bearer \(token)", "Idempotency-Key: k1", "traceparent: \(trace)"]
            let answer = try await post(writeNote, headers: headers, port: port)
            #expect(try answer.field("commandID") == "k1")
            #expect(scenario.sender.requests.first?.commandID.description == "k1")
            #expect(scenario.sender.requests.first?.traceparent == trace)
        }
    }

    @Test("Commands need the token; another Host or Origin is refused even with it")
    func guards() async throws {
        try await withGateway { scenario, port in
            let bearer = "Authorization: Bearer \(token)"
            #expect(try await post(writeNote, headers: [], port: port).status == 401)
            #expect(try await post(writeNote, headers: ["Authorization: Bearer wrong"], port: port).status == 401)
            #expect(
                try await post(writeNote, headers: [bearer, "Origin: http://evil.example"], port: port).status == 403)
            #expect(
                try await post(writeNote, headers: [bearer, "Origin: http://localhost:\(port)"], port: port).status
                    == 200)
            for host in ["evil.example:\(port)", "127.0.0.1", "127.0.0.1:1"] {
                let answer = try await HTTPConnection.send(["GET /api/v1/ps HTTP/1.1", "Host: \(host)"], port: port)
                #expect(answer.status == 403)
            }
            #expect(scenario.sender.requests.count == 1)
        }
    }

    @Test("Bad input is answered with its place and the next step, and sends nothing")
    func badInput() async throws {
        try await withGateway { scenario, port in
            let malformed = try await post("{\n  \"command\": }", port: port)
            #expect(malformed.status == 400)
            #expect(try malformed.field("message")?.contains("line 2, column 14") == true)
            #expect(try await post(#"{"command":"WriteNote"}"#, port: port).status == 400)
            #expect(try await post(#"{"command":"WriteNote","to":"no slash"}"#, port: port).status == 400)
            let mistyped = try await post(#"{"command":"WriteNote","to":"note/1","expectVersion":9}"#, port: port)
            #expect(mistyped.status == 400)
            #expect(try mistyped.field("message")?.contains("expectVersion") == true)
            #expect(try await post(#"{"command":"Nope","to":"note/1"}"#, port: port).status == 422)
            let large = #"{"command":"WriteNote","to":"note/1","data":"\#(String(repeating: "x", count: 2 << 20))"}"#
            #expect(try await post(large, port: port).status == 413)
            #expect(scenario.sender.requests.isEmpty)
        }
    }

    @Test("Reading gives the same documents as the command line")
    func reading() async throws {
        try await withGateway { scenario, port in
            let paths = [
                "ps", "events", "events/\(EventID(bits: 1))", "streams/note/1",
                "states/note/1", "states/note/1?at=2020-01-01", "states/note/1?version=1",
                "states/note/1?from=2019-01-01&to=2020-01-01",
                "histories/note/1?field=title",
                "traces/last",
                "traces/\(CorrelationID(bits: 42))", "projections", "projections/titles", "timers",
                "query/titles/find?title=milk",
            ]
            var schemas: [String?] = []
            for path in paths {
                let answer = try await HTTPConnection.get("/api/v1/" + path, port: port)
                #expect(answer.status == 200, "\(path)")
                schemas.append(try answer.field("schema"))
            }
            #expect(
                schemas == [
                    "roost.ps/1", "roost.events/1", "roost.events/1", "roost.events/1", "roost.state/1",
                    "roost.state/1", "roost.state/1", "roost.diff/1", "roost.history/1", "roost.trace/1",
                    "roost.trace/1", "roost.projections/1", "roost.projections/1", "roost.timers/1", "roost.query/1",
                ])
            let partition = try #require(ClientScenario.placement.partition(of: try StreamName("note/1")))
            let after = "/api/v1/query/titles/find?title=milk&after=\(partition):1"
            #expect(try await HTTPConnection.get(after, port: port).status == 200)
            let trace = try await HTTPConnection.get("/api/v1/traces/last", port: port).body
            #expect(Array(trace.utf8) == (try DocumentText.line(try scenario.client.lastTrace())) + [10])
        }
    }

    @Test("Unknown things are 404 and name what there is; wrong methods are 405")
    func unknown() async throws {
        try await withGateway { _, port in
            for path in ["/", "/api/v1", "/api/v1/nope", "/api/v1/events/\(EventID(bits: 9))", "/api/v1/query/nope"] {
                let answer = try await HTTPConnection.get(path, port: port)
                #expect(answer.status == 404, "\(path)")
                #expect(try answer.field("hint") != nil)
            }
            #expect(try await HTTPConnection.get("/api/v1/events/xyz", port: port).status == 400)
            for token in ["soon", "0:99", "99:1"] {
                let path = "/api/v1/query/titles/find?title=milk&after=\(token)"
                #expect(try await HTTPConnection.get(path, port: port).status == 400, "\(token)")
            }
            for (query, status) in [
                ("at=soon", 400), ("at=2100-01-01", 400), ("version=9", 404), ("at=1969-01-01", 404),
                ("att=2020-01-01", 400), ("version=0", 400), ("from=2019-01-01", 400),
                ("from=2020-01-01&to=2019-01-01", 400), ("at=2020-01-01&version=1", 400),
            ] {
                let answer = try await HTTPConnection.get("/api/v1/states/note/1?\(query)", port: port)
                #expect(answer.status == status, "\(query)")
            }
            #expect(try await HTTPConnection.get("/api/v1/commands", port: port).status == 405)
            let delete = ["DELETE /api/v1/ps HTTP/1.1", "Host: 127.0.0.1:\(port)"]
            #expect(try await HTTPConnection.send(delete, port: port).status == 405)
        }
    }

    @Test("A busy port is an error that names it")
    func busyPort() async throws {
        try await withGateway { scenario, port in
            let second = Gateway(client: scenario.client, configuration: .init(port: port, token: token)) {
                ProcessesStub()
            }
            let (never, _) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
            let error = await #expect(throws: ClientError.self) {
                try await second.run(onReady: { _ in }, until: { for await _ in never { return } })
            }
            #expect(error?.code == "portBusy" && error?.message.contains("\(port)") == true)
        }
    }
}
