import Foundation
import GRDB
package import RoostCore

/// What is known about the erasure of a subject.
package struct Erasure: Sendable, Hashable {
    package let subject: String
    package let began: Timestamp
    /// When the keys were destroyed; nil while they are still there.
    package let destroyed: Timestamp?
    /// The certificate as far as it is known before the keys are destroyed, in JSON.
    package let draft: String?
    /// The certificate, in JSON; nil before the end.
    package let certificate: String?
}

/// The steps of an erasure that concern keys. Each can be repeated.
extension Vault {
    package func erasure(of subject: String) throws -> Erasure? {
        try queue.read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM erasures WHERE subject = ?", arguments: [subject])
        }.map { row in
            Erasure(
                subject: row["subject"], began: Timestamp(nanoseconds: row["began"]),
                destroyed: (row["destroyed"] as Int64?).map { Timestamp(nanoseconds: $0) },
                draft: row["draft"], certificate: row["certificate"])
        }
    }

    package func erasedSubjects() throws -> [String] {
        try queue.read { try String.fetchAll($0, sql: "SELECT subject FROM erasures ORDER BY subject") }
    }

    /// From here on the subject reads as erased, for every process that looks, and nothing of it is sealed again.
    package func beginErasure(of subject: String, at now: Timestamp) throws {
        try queue.write { database in
            try database.execute(
                sql: "INSERT OR IGNORE INTO erasures VALUES(?,?,NULL,NULL,NULL)", arguments: [subject, now.nanoseconds])
            guard database.changesCount > 0 else { return }
            try database.execute(sql: "UPDATE vault SET version = version + 1")
        }
        _ = try refresh()
    }

    /// Which of these processes may still hold keys that were made before the newest erasure.
    package func unacknowledged(of processes: [String]) throws -> [String] {
        let acknowledged = try queue.read { database in
            try String.fetchAll(
                database, sql: "SELECT process FROM acks WHERE version = (SELECT version FROM vault)")
        }
        return processes.filter { !acknowledged.contains($0) }
    }

    package func keyCount(of subject: String) throws -> Int {
        try queue.read { database in
            try Int.fetchOne(
                database, sql: "SELECT count(*) FROM keys WHERE subject = ? AND wrapped IS NOT NULL",
                arguments: [subject]) ?? 0
        }
    }

    /// Asks every process once more to let go of what it has in memory.
    package func askAgain() throws {
        try queue.write { try $0.execute(sql: "UPDATE vault SET version = version + 1") }
        _ = try refresh()
    }

    /// The first half of the destruction: nobody gets the keys any more. The rows stay and say that the values are erased, not
    /// lost.
    package func dropKeys(of subject: String) throws {
        try queue.write { database in
            try database.execute(sql: "UPDATE keys SET wrapped = NULL WHERE subject = ?", arguments: [subject])
        }
    }

    /// The second half: no page of the database's files holds a copy of them. Throws while somebody reads all the time.
    package func finishDestruction(of subject: String, at now: Timestamp) throws {
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "VACUUM")
            for attempt in 0... {
                let busy = try Row.fetchOne(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")?[0] as Int? ?? 0
                if busy == 0 { break }
                guard attempt < 50 else {
                    throw VaultError("\(queue.path) is being read all the time", next: "the same command again")
                }
                usleep(100_000)
            }
            try database.execute(
                sql: "UPDATE erasures SET destroyed = coalesce(destroyed, ?) WHERE subject = ?",
                arguments: [now.nanoseconds, subject])
        }
    }

    package func keep(draft: String, of subject: String) throws {
        try queue.write { database in
            try database.execute(
                sql: "UPDATE erasures SET draft = ? WHERE subject = ?", arguments: [draft, subject])
        }
    }

    package func keep(certificate: String, of subject: String) throws {
        try queue.write { database in
            try database.execute(
                sql: "UPDATE erasures SET certificate = ? WHERE subject = ?", arguments: [certificate, subject])
        }
    }
}
