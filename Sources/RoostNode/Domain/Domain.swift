public import RoostCore
public import RoostTrace

/// Everything that makes an application: what the processes of a cluster run.
public struct Domain: Sendable {
    /// What the command line and its messages call the application.
    public let name: String
    /// One for each category of the log.
    public let aggregates: [any Aggregate.Type]
    /// Each may run as a process of its own, under its own name.
    public let reactors: [any Reactor.Type]
    /// Each may run as a process of its own, under its own name.
    public let projections: [any Projection.Type]
    /// Each may run as a process of its own, under its own name: what the outside may see.
    public let feeds: [any PublicFeed.Type]
    /// What has to hold of causes and effects: checked by `roost contracts check`.
    public let contracts: [CausalContract]
    /// The command that records, in a stream of the domain, that a subject was erased; nil where nothing is to be recorded.
    public let erased: @Sendable (_ subject: String) throws -> FollowUp?
    /// One for each file format that `roost load` takes besides its own.
    public let importers: [any CommandImporter.Type]
    /// For `roost load --generate`.
    public let generator: (any CommandGenerator.Type)?

    /// Categories, names and file extensions are unique within their kind.
    public init(
        name: String, aggregates: [any Aggregate.Type], reactors: [any Reactor.Type] = [],
        projections: [any Projection.Type] = [], feeds: [any PublicFeed.Type] = [],
        contracts: [CausalContract] = [], importers: [any CommandImporter.Type] = [],
        generator: (any CommandGenerator.Type)? = nil,
        erased: @escaping @Sendable (_ subject: String) throws -> FollowUp? = { _ in nil }
    ) {
        self.name = name
        self.aggregates = aggregates
        self.reactors = reactors
        self.projections = projections
        self.feeds = feeds
        self.contracts = contracts
        self.erased = erased
        self.importers = importers
        self.generator = generator
    }
}

extension Domain {
    /// Those of the application, and those that every application has.
    package var allProjections: [any Projection.Type] { projections + [TraceIndex.self] }
}
