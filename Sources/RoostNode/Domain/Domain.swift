public import RoostCore

/// Everything that makes an application: what the processes of a cluster run.
public struct Domain: Sendable {
    public let name: String
    public let aggregates: [any Aggregate.Type]
    public let reactors: [any Reactor.Type]
    public let projections: [any Projection.Type]
    public let importers: [any CommandImporter.Type]
    /// For `roost load --generate`.
    public let generator: (any CommandGenerator.Type)?

    public init(
        name: String, aggregates: [any Aggregate.Type], reactors: [any Reactor.Type] = [],
        projections: [any Projection.Type] = [], importers: [any CommandImporter.Type] = [],
        generator: (any CommandGenerator.Type)? = nil
    ) {
        self.name = name
        self.aggregates = aggregates
        self.reactors = reactors
        self.projections = projections
        self.importers = importers
        self.generator = generator
    }
}
