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
                    sql: """
                        INSERT INTO due VALUES(?,?,0)
                        ON CONFLICT(correlation) DO UPDATE SET at = min(at, excluded.at), tries = 0
                        """,
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

    /// Stores what holds of a chain now, as far as there is room; returns what was not known before.
    func conclude(_ chain: CorrelationID, _ findings: [CausalFinding], at now: Timestamp) throws -> [CausalFinding] {
        let encoder = JSONPayloadEncoder()
        return try queue.write { database in
            let id = chain.description
            let known = Set(
                try String.fetchAll(database, sql: "SELECT id FROM findings WHERE correlation = ?", arguments: [id]))
            for key in known.subtracting(findings.map(Self.key(of:))).sorted() {
                try database.execute(sql: "DELETE FROM findings WHERE id = ?", arguments: [key])
            }
            let new = findings.filter { !known.contains(Self.key(of: $0)) }
            guard !new.isEmpty else { return [] }
            var room = Int(limits.findingsMax) - (try Int.fetchOne(database, sql: "SELECT count(*) FROM findings") ?? 0)
            for finding in new where room > 0 {
                room -= 1
                try database.execute(
                    sql: "INSERT OR IGNORE INTO findings VALUES(?,?,?,?,?)",
                    arguments: [
                        Self.key(of: finding), finding.kind.rawValue, id, now.nanoseconds,
                        String(decoding: try encoder.bytes(finding), as: UTF8.self),
                    ])
            }
            return new
        }
    }

    /// A chain has nothing left to wait for.
    func finish(_ chain: CorrelationID) throws {
        try queue.write {
            try $0.execute(sql: "DELETE FROM due WHERE correlation = ?", arguments: [chain.description])
        }
    }

    /// A chain is looked at again after a while: from the fourth time in a row on it doubles, up to a bound.
    func putOff(_ chain: CorrelationID, after wait: Duration, at now: Timestamp, max: Duration) throws {
        try queue.write { database in
            let id = chain.description
            let tries = try Int.fetchOne(database, sql: "SELECT tries FROM due WHERE correlation = ?", arguments: [id])
            let next = now + min(wait * (1 << min(Swift.max(0, (tries ?? 0) - 3), 20)), max)
            try database.execute(
                sql: "UPDATE due SET at = ?, tries = tries + 1 WHERE correlation = ?",
                arguments: [next.nanoseconds, id])
        }
    }

    /// Remembers when the last look was, and how many events it had not come to.
    func looked(at now: Timestamp, behind: UInt64) throws {
        try queue.write {
            try $0.execute(
                sql: "INSERT OR REPLACE INTO looks VALUES(1,?,?)",
                arguments: [now.nanoseconds, Int64(clamping: behind)])
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
