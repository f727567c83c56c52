import Foundation
import RoostCore
import RoostNode
import Testing

extension ProcessTests {
    @Suite("The public feed", .serialized, .timeLimit(.minutes(3)))
    struct FeedTests {
        private struct Feed: Document {
            struct Event: Decodable, Sendable, Hashable {
                let id: String
                let type: String
                let subject: String
                let sequence: String
                let correlationid: String
                let causationid: String
            }

            static let schemaName = "roost.feed/1"
            let schema: String
            let newest: Int
            let events: [Event]
        }

        private static func feed(_ cluster: ClusterUnderTest) throws -> Feed {
            try cluster.roost("feed", "--limit", "1000000", "--json").expecting(0).document(Feed.self)
        }

        @Test(
            "Killed at any moment, the feed numbers every public event once, without holes, and for ever",
            arguments: [Failpoint.beforeProjectionCommit, .afterProjectionCommit])
        func killed(at failpoint: Failpoint) throws {
            try withTemporaryDirectory { directory in
                let marker = directory + "/reached"
                let setting = "\(failpoint.rawValue)@3:\(marker)"
                let topology = try TestTopology.shop(environment: ["partners": ["ROOST_FAILPOINT": setting]])
                try ClusterUnderTest.with(topology) { cluster in
                    var early: [Feed.Event] = []
                    let orders = try OrderFlow.loading(cluster).during("feed") {
                        try eventually("the feed was killed") { FileManager.default.fileExists(atPath: marker) }
                        try cluster.wait("is back", for: "partners") { $0.restarts == 1 && $0.ready }
                        try eventually("events are published") {
                            early = try Self.feed(cluster).events
                            return !early.isEmpty
                        }
                    }
                    try cluster.expectNothingLostNothingTwice(orders)
                    let feed = try Self.feed(cluster)
                    #expect(Array(feed.events.prefix(early.count)) == early)
                    #expect(feed.events.map { Int($0.sequence) } == Array(1...feed.events.count))
                    #expect(Set(feed.events.map(\.id)).count == feed.events.count)
                    #expect(feed.events.count == orders.count * 2 && feed.newest == feed.events.count)
                    let confirmed = feed.events.filter { $0.type == "OrderConfirmed" }.map(\.subject)
                    #expect(Set(confirmed) == Set(orders.map(\.stream)))
                    let chains = try LogFold(cluster).chains
                    #expect(
                        feed.events.allSatisfy { CorrelationID($0.correlationid).map { chains[$0] != nil } == true })
                }
            }
        }

        @Test("A rebuild publishes nothing, and a restart nothing again")
        func rebuild() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var random = SeededOrders("feed")
                try cluster.load(random.next(20), name: "orders")
                try cluster.waitUntilCaughtUp()
                let before = try Self.feed(cluster)
                #expect(before.newest == 40)
                for name in ["dashboard", "analytics", "search"] {
                    try cluster.roost("rebuild", name, "--swap").expecting(0)
                }
                let refused = try cluster.roost("rebuild", "partners")
                #expect(refused.exitCode == 4, "\(refused.errors)")
                try cluster.roost("restart", "partners").expecting(0)
                try cluster.roost("wait", "--for", "ready").expecting(0)
                try cluster.waitUntilCaughtUp()
                let after = try Self.feed(cluster)
                #expect(after.newest == 40 && after.events == before.events)
            }
        }

        private static let subscriber = """
            import json, sys, zmq
            socket = zmq.Context().socket(zmq.SUB)
            socket.setsockopt(zmq.SUBSCRIBE, b'partners.')
            socket.setsockopt(zmq.RCVTIMEO, 20000)
            socket.connect(sys.argv[1])
            heard = []
            while len(heard) < 2:
                topic, body = socket.recv_multipart()
                event = json.loads(body)
                if topic == b'partners.newest':
                    print('newest', event['newest'], flush=True)
                    continue
                assert topic.decode() == 'partners.' + event['type'], topic
                assert event['specversion'] == '1.0' and event['datacontenttype'] == 'application/json'
                heard.append(event)
            assert heard[0]['correlationid'] == heard[1]['correlationid']
            assert heard[0]['causationid'] != heard[1]['causationid']
            print(' '.join(event['type'] + ' ' + str(int(event['sequence'])) for event in heard))
            """

        @Test("A subscriber in another language hears CloudEvents, and the newest number while it is quiet")
        func subscriber() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                let endpoint = try #require(try cluster.process("partners").endpoints.first)
                let python = try RunningCommand(
                    ["/usr/bin/python3", "-c", Self.subscriber, endpoint],
                    environment: ProcessInfo.processInfo.environment, files: cluster.files)
                try eventually("the subscriber is connected") { python.outputNow.contains("newest 0") }
                var random = SeededOrders("heard")
                try cluster.load(random.next(1), name: "orders")
                let result = try python.finish(within: .seconds(30)).expecting(0)
                #expect(result.output.contains("OrderConfirmed 1 OrderDispatched 2"), "\(result.output)")
            }
        }

        private static let validator = """
            import json, pathlib, sys
            from jsonschema import Draft202012Validator
            root = pathlib.Path(sys.argv[1])
            checked = 0
            for file in sorted((root / 'schemas').glob('*.json')):
                schema = json.loads(file.read_text())
                Draft202012Validator.check_schema(schema)
                sample = json.loads((root / 'samples' / file.name.replace('.schema', '')).read_text())
                assert sample['dataschema'] == schema['$id'] and sample['type'] == schema['title']
                Draft202012Validator(schema).validate(sample['data'])
                assert not Draft202012Validator(schema).is_valid({})
                checked += 1
            document = json.loads((root / 'partners.asyncapi.json').read_text())
            assert document['asyncapi'] == '3.0.0'
            for operation in document['operations'].values():
                for reference in [operation['channel'], *operation['messages']]:
                    target = document
                    for part in reference['$ref'].removeprefix('#/').split('/'):
                        target = target[part]
            for message in document['components']['messages'].values():
                assert (root / message['payload']['properties']['data']['$ref']).exists()
            print('checked', checked)
            """

        @Test("Exported schemas are valid and hold for their samples; a breaking change is found by its field")
        func schemas() throws {
            try ClusterUnderTest.with(.shop(), isStarted: false) { cluster in
                let export = cluster.files + "/public"
                try cluster.roost("schema", "export", export).expecting(0)
                let python = try RunningCommand(
                    ["/usr/bin/python3", "-c", Self.validator, export],
                    environment: ProcessInfo.processInfo.environment, files: cluster.files)
                #expect(try python.finish().expecting(0).output.contains("checked 3"))
                try cluster.roost("schema", "check", "--against", export).expecting(0)
                let file = export + "/schemas/OrderRevoked.v1.schema.json"
                let text = try String(contentsOfFile: file, encoding: .utf8)
                let older = text.replacing(#""type": "boolean""#, with: #""type": "string""#)
                try older.write(toFile: file, atomically: true, encoding: .utf8)
                let check = try cluster.roost("schema", "check", "--against", export).expecting(2).output
                #expect(check.contains("OrderRevoked version 1: dispatched is a text"), "\(check)")
                try cluster.roost("schema", "export", export).expecting(2)
                #expect(try String(contentsOfFile: file, encoding: .utf8) == older)
                try "no schema".write(toFile: file, atomically: true, encoding: .utf8)
                #expect(try cluster.roost("schema", "check", "--against", export).expecting(1).errors.contains(file))
                try cluster.roost("schema", "check", "--against", export + "/none").expecting(4)
            }
        }
    }
}
