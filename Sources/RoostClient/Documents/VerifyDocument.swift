package import RoostLog

/// What checking the whole log against itself found. Document `roost.verify/1`.
package struct VerifyDocument: Codable, Sendable {
    package static let schema = "roost.verify/1"

    package let schema: String
    package let ok: Bool
    package let events: UInt64
    package let partitions: Int
    package let findings: [LogFinding]

    package init(events: UInt64, partitions: Int, findings: [LogFinding]) {
        schema = Self.schema
        ok = findings.isEmpty
        self.events = events
        self.partitions = partitions
        self.findings = findings
    }
}
