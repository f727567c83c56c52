import RoostCluster
import RoostCore
import RoostNode

extension Domain {
    /// What a topology of this application may name.
    var knownNames: Topology.KnownNames {
        Topology.KnownNames(
            categories: aggregates.map { $0.category }, reactors: reactors.map { $0.name },
            projections: allProjections.map { $0.name }, feeds: feeds.map { $0.name })
    }
}
