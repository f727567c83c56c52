import RoostCore
import RoostLog

/// Which types of events the checkpoint of a reader was counted by. A reader that is never rebuilt, but whose routes were
/// changed, goes on from its checkpoint.
extension ReaderStore {
    static func countedTypes(_ partition: PartitionID, _ tables: Tables) throws -> Set<String>? {
        let sql = "SELECT types FROM roost_counted WHERE partition = ?"
        let text = try tables.row(sql, .integer(Int64(partition.rawValue)))?[0].text
        return text.map { Set($0.split(separator: " ").map(String.init)) }
    }

    static func saveCountedTypes(_ types: Set<String>, _ partition: PartitionID, _ tables: Tables) throws {
        try tables.run(
            "INSERT OR REPLACE INTO roost_counted VALUES(?,?)", .integer(Int64(partition.rawValue)),
            .text(types.sorted().joined(separator: " ")))
    }
}

extension Progress {
    /// Events that the reader has passed and had no route for then count as discarded, so that law 5 keeps holding.
    func recounted(by types: Set<String>, _ reader: any PartitionReader) throws -> Progress {
        let routed = try reader.count(ofTypes: types, through: position)
        var progress = self
        progress.applied = min(applied, routed)
        progress.discarded = routed - progress.applied
        return progress
    }
}
