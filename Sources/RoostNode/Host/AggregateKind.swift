package import RoostCore
package import RoostLog

/// One live aggregate of any type: a Swift actor on its partition's executor, entered with a plain `await`.
package protocol LiveAggregate: Actor {
    /// Brings the state up to the log: called once before the first command.
    func load(from reader: any PartitionReader, with tools: DecisionTools) throws
    /// Decides one command: its events join the commit, and its answer leaves with it.
    func handle(_ delivery: CommandDelivery, into commit: Commit, with tools: DecisionTools)
}

/// What deciding needs beside the state: codecs and identifiers, shared by all aggregates of a partition.
package final class DecisionTools: @unchecked Sendable {
    // @unchecked: the host enters one aggregate at a time, so one job at a time uses it.
    package let events: EventDecoder
    package let encoder: any PayloadEncoder
    /// Seals what is personal; nil leaves it as it is.
    let keys: (any PersonalKeys)?
    package var ids: UniqueIDs
    package var now = Timestamp(nanoseconds: 0)
    /// nil where none are kept.
    let snapshots: SnapshotStore?
    /// nil where nobody watches.
    let spans: SpanRecorder?

    package init(
        codec: PayloadCodec, ids: UniqueIDs, snapshots: SnapshotStore? = nil, spans: SpanRecorder? = nil
    ) {
        self.snapshots = snapshots
        self.spans = spans
        events = codec.makeEventDecoder()
        encoder = codec.makeEncoder()
        keys = codec.keys
        self.ids = ids
    }
}

/// Makes encoders and decoders: JSON in this version, behind a port.
package struct PayloadCodec: Sendable {
    package let makeEncoder: @Sendable () -> any PayloadEncoder
    package let makeDecoder: @Sendable () -> any PayloadDecoder
    /// What stored events become before anything decodes them.
    package let upcasters: UpcasterChain
    /// Seals and opens personal data; nil leaves it as it is.
    package let keys: (any PersonalKeys)?

    package init(
        upcasters: UpcasterChain, keys: (any PersonalKeys)?, makeEncoder: @escaping @Sendable () -> any PayloadEncoder,
        makeDecoder: @escaping @Sendable () -> any PayloadDecoder
    ) {
        self.upcasters = upcasters
        self.keys = keys
        self.makeEncoder = makeEncoder
        self.makeDecoder = makeDecoder
    }

    package func makeEventDecoder() -> EventDecoder {
        EventDecoder(chain: upcasters, keys: keys, decoder: makeDecoder(), encoder: makeEncoder())
    }
}

/// A kind of aggregate whose Swift types are hidden: how a host makes live ones.
package struct AggregateKind: Sendable {
    package let category: String
    package let make: @Sendable (StreamName, any SerialExecutor) -> any LiveAggregate
    /// Starts the fold of a stream of this kind at its initial state.
    package let fold: @Sendable (StreamName, EventDecoder) -> any StreamFold
    /// Decodes a stored event as a fold would. Throws for one that cannot be read.
    package let read: @Sendable (RecordedEvent, EventDecoder) throws -> Void
    /// What its snapshots must have been folded with; nil for a kind that has none.
    package let foldIdentity: FoldIdentity?

    package init<A: Aggregate & SendableMetatype>(_ type: A.Type) {
        category = A.category
        let vocabulary = Vocabulary<A>()
        make = { stream, lane in AggregateActor<A>(stream, vocabulary, lane) }
        fold = { stream, events in AggregateLoader<A>(stream, vocabulary, events) }
        read = { event, events in try vocabulary.forEach(event, events) { _ in } }
        foldIdentity = vocabulary.foldIdentity
    }

    /// The kinds of a domain by category.
    package static func byCategory(_ domain: Domain) -> [String: AggregateKind] {
        Dictionary(
            domain.aggregates.map { type in
                let kind = open(type)
                return (kind.category, kind)
            }, uniquingKeysWith: { first, _ in first })
    }

    private static func open<A: Aggregate & SendableMetatype>(_ type: A.Type) -> AggregateKind { AggregateKind(type) }
}

/// The names of an aggregate's commands and events, looked up by the bytes on the wire and on disk.
package struct Vocabulary<A: Aggregate>: Sendable {
    package let commands: [String: PayloadKind<A.Command>]
    package let events: [String: PayloadKind<A.Event>]
    /// nil when snapshots are not wanted, or not safe.
    package let foldIdentity: FoldIdentity?

    package init() {
        commands = Dictionary(A.Command.kinds.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        events = Dictionary(A.Event.kinds.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        foldIdentity = A.snapshotEvery > 0 ? FoldIdentity(of: A.self) : nil
    }
}
