import RoostCore
package import RoostLog

/// Whether a rebuild may begin with a base: what its certificate says, of this projection and this log, and nothing else.
package struct BaseCheck {
    private let base: ProjectionBase
    private let projection: any Projection.Type
    private let log: LogIdentity
    private let readers: [any PartitionReader]

    package init(
        _ base: ProjectionBase, of projection: any Projection.Type, log: LogIdentity, readers: [any PartitionReader]
    ) {
        self.base = base
        self.projection = projection
        self.log = log
        self.readers = readers
    }

    private var certificate: RebuildCertificate { base.certificate }

    /// Throws when the certificate does not fit.
    package func certificateFits() throws {
        guard try certificate.isUnaltered() else { throw refusal("its certificate was altered") }
        guard certificate.projection == projection.name, certificate.revision == projection.revision else {
            throw refusal(
                "it is of revision \(certificate.revision) of \(certificate.projection), and this is revision "
                    + "\(projection.revision) of \(projection.name)")
        }
        guard certificate.log == log.id else { throw refusal("it is of another log") }
        guard certificate.partitions.map(\.partition) == log.placement.partitions else {
            throw refusal("it does not name each partition once")
        }
        for part in certificate.partitions where part.position > .start {
            let commit = try readers.first { $0.partition == part.partition }?.commit(holding: part.position)
            guard let commit, Hexadecimal.text(commit.digest) == part.digest else {
                throw refusal("partition \(part.partition) has another history up to position \(part.position)")
            }
        }
    }

    /// Throws when a copy of its rows is not what the certificate speaks of.
    func rowsFit(_ copy: ProjectionStore) throws {
        let positions = Dictionary(
            certificate.partitions.filter { $0.position > .start }.map { ($0.partition, $0.position) },
            uniquingKeysWith: { $1 })
        guard copy.progress.mapValues(\.position).filter({ $0.value > .start }) == positions,
            Hexadecimal.text(try copy.root()) == certificate.root
        else { throw refusal("its rows are not those of its certificate") }
    }

    private func refusal(_ reason: String) -> ReaderFailure {
        ReaderFailure("the base in \(base.directory) cannot be begun with: \(reason); remove it, or go without --from")
    }
}
