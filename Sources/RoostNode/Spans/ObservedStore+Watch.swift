import Foundation
import GRDB
import RoostCore
import RoostJSON
import RoostTrace

/// What the live check of contracts remembers.
extension ObservedStore {
    /// Up to where the events of each partition were taken.
    func watched() throws -> [PartitionID: Position] {
        try queue.read { database in
            let rows = try Row.fetchAll(database, sql: "SELECT partition, position FROM watched")
            return Dictionary(
                uniqueKeysWithValues: rows.map {
                    (PartitionID(UInt32($0["partition"] as Int64)), Position(UInt64($0["position"] as Int64)))
                })
        }
    }

    /// Remembers, in one transaction, how far events were taken and when their chains are to be checked.
    func watch(_ watched: [PartitionID: Position], due: [CorrelationID: Timestamp]) throws {
        try queue.write { database in
            for (partition, position) in watched.sorted(by: { $0.key < $1.key }) {
                try database.execute(
                    sql: "INSERT OR REPLACE INTO watched VALUES(?,?)",
                    arguments: [Int64(partition.rawValue), Int64(position.rawValue)])
            }
            for (chain, time) in due.sorted(by: { $0.key < $1.key }) {
                try database.execute(
                    sql: "INSERT INTO due VALUES(?,?) ON CONFLICT(correlation) DO UPDATE SET at = min(at, excluded.at)",
                    arguments: [chain.description, time.nanoseconds])
            }
        }
    }

    /// Chains whose time has come, the longest overdue first.
    func dueChains(by now: Timestamp, limit: Int) throws -> [CorrelationID] {
        try queue.read { database in
            try String.fetchAll(
                database, sql: "SELECT correlation FROM due WHERE at <= ? ORDER BY at, correlation LIMIT ?",
                arguments: [now.nanoseconds, limit]
            ).compactMap { CorrelationID($0) }
        }
    }

    /// Stores what holds of a chain now, and when it is looked at again; returns what was not known before.
    func conclude(
        _ chain: CorrelationID, _ findings: [CausalFinding], at now: Timestamp, next: Timestamp?
    ) throws -> [CausalFinding] {
        let encoder = JSONPayloadEncoder()
        return try queue.write { database in
            let id = chain.description
            let known = Set(
                try String.fetchAll(database, sql: "SELECT id FROM findings WHERE correlation = ?", arguments: [id]))
            let now = now.nanoseconds
            for (key, finding) in findings.map({ (Self.key(of: $0), $0) }) where !known.contains(key) {
                try database.execute(
                    sql: "INSERT OR IGNORE INTO findings VALUES(?,?,?,?,?)",
                    arguments: [
                        key, finding.kind.rawValue, id, now,
                        String(decoding: try encoder.bytes(finding), as: UTF8.self),
                    ])
            }
            for key in known.subtracting(findings.map(Self.key(of:))).sorted() {
                try database.execute(sql: "DELETE FROM findings WHERE id = ?", arguments: [key])
            }
            if let next {
                try database.execute(
                    sql: "UPDATE due SET at = ? WHERE correlation = ?", arguments: [next.nanoseconds, id])
            } else {
                try database.execute(sql: "DELETE FROM due WHERE correlation = ?", arguments: [id])
            }
            return findings.filter { !known.contains(Self.key(of: $0)) }
        }
    }

    func watchCounts() throws -> (pending: Int, findings: Int) {
        try queue.read { database in
            (
                try Int.fetchOne(database, sql: "SELECT count(*) FROM due") ?? 0,
                try Int.fetchOne(database, sql: "SELECT count(*) FROM findings") ?? 0
            )
        }
    }

    private static func key(of finding: CausalFinding) -> String {
        "\(finding.kind.rawValue) \(finding.eventID) \(finding.contract) \(finding.detail)"
    }
}
