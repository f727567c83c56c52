import RoostCore
import RoostLog
import RoostNode
import RoostSim
import Testing

@Suite("The subject of an event", .timeLimit(.minutes(1)))
struct SubjectTests {
    private enum Label: Aggregate {
        struct Write: CommandPayload {
            static let name = "WriteLabel"
            var owner: String
        }

        struct Written: EventPayload {
            static let type = "LabelWritten"
            var owner: String
            var subject: String? { owner }
        }

        enum Command: CommandSet {
            case write(Write)
            static let kinds: [PayloadKind<Command>] = [.init(Command.write)]
            var payload: any CommandPayload {
                switch self {
                case .write(let payload): payload
                }
            }
        }

        enum Event: EventSet {
            case written(Written)
            static let kinds: [PayloadKind<Event>] = [.init(Event.written)]
            var payload: any EventPayload {
                switch self {
                case .written(let payload): payload
                }
            }
        }

        static let category = "label"
        static func initial(id: String) -> Int { 0 }
        static func decide(_ command: Command, _ count: Int) -> [Event] {
            guard case .write(let write) = command else { return [] }
            return [.written(Written(owner: write.owner))]
        }
        static func evolve(_ count: inout Int, _ event: Event) { count += 1 }
    }

    @Test("is bounded: a longer one is refused and the writer goes on", arguments: [257, 65_500, 70_000])
    func bounded(bytes: Int) throws {
        let placement = Placement(groups: [
            .init(name: "labels", categories: ["label"], firstPartition: PartitionID(0), partitionCount: 1)
        ])
        let cluster = SimulatedCluster(
            seed: 1, domain: Domain(name: "labels", aggregates: [Label.self]), placement: placement, codec: .json)
        try cluster.start()
        for length in [bytes, 256] {
            let owner = String(repeating: "o", count: length)
            cluster.send([
                CommandRequest(
                    partition: PartitionID(0), deadline: Timestamp(seconds: 0), stream: try StreamName("label/1"),
                    command: "WriteLabel", commandID: try CommandID("c\(length)"),
                    payload: Bytes(#"{"owner":"\#(owner)"}"#))
            ])
            let isQuiet = try cluster.runUntilQuiet()
            #expect(isQuiet)
        }
        #expect(cluster.answers.map(\.outcome) == [.rejected, .accepted])
        #expect(cluster.answers.first?.reason?.contains("\(bytes) bytes, 256 are allowed") == true)
    }
}
