package import RoostCore
package import RoostLog

extension ClusterClient {
    /// Checks every partition against itself. What cannot even be read is a finding too.
    package static func verify(
        _ log: any EventLog, progress: (PartitionID, Position) -> Void = { _, _ in }
    ) -> VerifyDocument {
        var events: UInt64 = 0
        var findings: [LogFinding] = []
        let partitions = log.identity.placement.partitions
        for partition in partitions {
            do {
                let reader = try log.reader(partition)
                findings += try reader.verify { progress(partition, $0) }
                events += try reader.head().position.rawValue
            } catch {
                findings.append(LogFinding(partition: partition, position: .start, problem: "\(error)"))
            }
        }
        return VerifyDocument(events: events, partitions: partitions.count, findings: findings)
    }

    /// What the log is, who owns its partitions and what they hold.
    package static func info(_ log: any EventLog) throws -> LogDocument {
        let placement = log.identity.placement
        let partitions = try placement.partitions.map { partition in
            let reader = try log.reader(partition)
            let head = try reader.head()
            let claim = try reader.claim()
            return LogDocument.Partition(
                partition: partition, group: placement.group(of: partition)?.name ?? "", head: head.position,
                epoch: claim?.epoch ?? .none, owner: claim?.process, claimedAt: claim?.claimedAt,
                digest: Hexadecimal.text(head.digest), types: try reader.counts(through: head.position))
        }
        return LogDocument(logID: log.identity.id, placement: placement, partitions: partitions)
    }
}
