import Foundation
import RoostArchive
import RoostLog

/// The archives that a run has begun to write for a partition and that no log may know yet. Kept beside the partition's file
/// from before the first of them is written until the owner has taken them over, so that an interrupted run leaves none that
/// others would count.
struct ArchivePlan: Codable {
    private(set) var names: [String] = []
    /// Where they are.
    let place: String

    init(place: String) { self.place = place }

    private static func path(_ file: PartitionFile) -> String { "\(file.path).archiving" }

    /// What an earlier run has left; nil when it left nothing.
    static func find(_ file: PartitionFile) -> ArchivePlan? {
        guard let data = FileManager.default.contents(atPath: path(file)) else { return nil }
        do { return try JSONDecoder().decode(Self.self, from: data) } catch { return nil }
    }

    /// Notes an archive before it is written.
    mutating func add(_ entry: ArchiveEntry, _ file: PartitionFile) throws(EventLogError) {
        names.append(entry.name)
        try DurableFiles.replace(Self.path(file), with: self)
    }

    /// Forgets an archive that this run has not written.
    mutating func remove(_ entry: ArchiveEntry, _ file: PartitionFile) throws(EventLogError) {
        names.removeAll { $0 == entry.name }
        try DurableFiles.replace(Self.path(file), with: self)
    }

    /// Removes from `place` what was written and is none of the log's archives. A name that the log knows stays whatever place
    /// it is known for: one place may have several addresses, and archives move.
    func removeLeftovers(besides entries: [ArchiveEntry], in place: any ArchivePlace) throws(EventLogError) {
        let known = Set(entries.map(\.name))
        for name in names where !known.contains(name) {
            try place.remove(ArchiveName.manifest(ofEvents: name))
            try place.remove(name)
        }
    }

    static func end(_ file: PartitionFile) throws(EventLogError) {
        try DurableFiles.remove(path(file))
        try DurableFiles.sync(file.directory.path)
    }
}
