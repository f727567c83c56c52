import Crypto
package import RoostCore
import RoostJSON

/// What a rebuild has proved: that a projection, made again from the first event or from rows that were proved so, had the rows of the
/// live one. Document `roost.certificate/1`.
///
/// It says of which log, up to where, by which code and which rows, so that it can be checked again by whoever has the log.
package struct RebuildCertificate: Codable, Sendable {
    package static let schema = "roost.certificate/1"

    /// Up to where the log was read, and what proves that it is this log: the digest covers all events up to there.
    package struct Partition: Codable, Hashable, Sendable {
        package let partition: PartitionID
        package let position: Position
        package let digest: String

        package init(partition: PartitionID, position: Position, digest: String) {
            self.partition = partition
            self.position = position
            self.digest = digest
        }
    }

    package struct Table: Codable, Hashable, Sendable {
        package let name: String
        package let rows: UInt64
        package let root: String

        package init(name: String, rows: UInt64, root: String) {
            self.name = name
            self.rows = rows
            self.root = root
        }

        package init(_ table: TableRoot) {
            self.init(name: table.name, rows: table.rows, root: Hexadecimal.text(table.root))
        }
    }

    /// Rows that were proved before, with which it began instead of with the first event.
    package struct Base: Codable, Hashable, Sendable {
        package let events: UInt64
        /// Of the certificate that speaks of them.
        package let certificate: String
        /// The executable that made them.
        package let build: String

        package init(_ certificate: RebuildCertificate) {
            events = certificate.events
            self.certificate = certificate.digest
            build = certificate.build
        }
    }

    package let schema: String
    package let issuedAt: Timestamp
    package let cluster: String
    package let projection: String
    package let revision: Int
    /// SHA-256 of the executable that made it again.
    package let build: String
    package let log: LogID
    package let partitions: [Partition]
    package let events: UInt64
    package let tables: [Table]
    /// The events that were parked and those that were discarded, as `roost_parked` and `roost_discarded`; missing where there
    /// were none.
    package let setAside: [Table]?
    /// Missing where it began with the first event.
    package let base: Base?
    /// Over all tables and what was set aside; that of the live projection was the same.
    package let root: String
    package let seconds: Double
    /// SHA-256 of this document with an empty `digest`.
    package private(set) var digest: String

    package init(
        issuedAt: Timestamp, cluster: String, projection: String, revision: Int, build: String, log: LogID,
        partitions: [Partition], events: UInt64, tables: [Table], setAside: [Table], base: Base? = nil, root: String,
        seconds: Double
    ) throws {
        schema = Self.schema
        self.issuedAt = issuedAt
        self.cluster = cluster
        self.projection = projection
        self.revision = revision
        self.build = build
        self.log = log
        self.partitions = partitions
        self.events = events
        self.tables = tables
        self.setAside = setAside.isEmpty ? nil : setAside
        self.base = base
        self.root = root
        self.seconds = seconds
        digest = ""
        digest = try computedDigest()
    }

    /// Of a rebuild that has found both equal.
    package init(_ result: RebuildResult, issuedAt: Timestamp, cluster: String, log: LogID) throws {
        try self.init(
            issuedAt: issuedAt, cluster: cluster, projection: result.projection, revision: result.revision,
            build: result.build, log: log, partitions: result.partitions, events: result.events,
            tables: result.tables, setAside: result.setAside, base: result.base, root: result.root,
            seconds: result.seconds)
    }

    /// Nothing of it was changed since it was issued.
    package func isUnaltered() throws -> Bool { try digest == computedDigest() }

    private func computedDigest() throws -> String {
        var bare = self
        bare.digest = ""
        return Hexadecimal.text(Array(SHA256.hash(data: try JSONPayloadEncoder().bytes(bare))))
    }
}

extension RebuildCertificate.Partition {
    package init(_ partition: PartitionID, _ progress: Progress) {
        self.init(partition: partition, position: progress.position, digest: Hexadecimal.text(progress.digest))
    }
}
