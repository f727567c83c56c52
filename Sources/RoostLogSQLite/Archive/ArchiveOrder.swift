import Foundation
import RoostArchive
import RoostCore
import RoostLog

/// Archives of a partition that are written and verified, for its owner to take over: from then on the log reads these
/// events from there. A file beside that of the partition, which the owner first takes away and removes when it is carried
/// out: a newer order may stand in its place by then.
struct ArchiveOrder: Codable {
    private static let format = "roost.archive-order/1"

    let format: String
    /// They follow the newest archive of the log.
    let archives: [ArchiveEntry]
    /// Of the log at the last archived event, as hexadecimal digits.
    let digest: String
    /// Why the owner did not carry it out; nil as long as it has not looked at it.
    private(set) var refusal: String?

    init(_ archives: [ArchiveEntry], digest: String) {
        format = Self.format
        self.archives = archives
        self.digest = digest
    }

    /// Leaves an order for the owner of a partition.
    func place(_ file: PartitionFile) throws(EventLogError) {
        try DurableFiles.remove(Self.refusedPath(file))
        try write(Self.path(file))
    }

    /// For the owner: the order that was taken and not carried out, or else the one that waits; nil without one.
    static func take(_ file: PartitionFile) throws(EventLogError) -> ArchiveOrder? {
        if let taken = try read(takenPath(file)) { return taken }
        guard FileManager.default.fileExists(atPath: path(file)) else { return nil }
        try DurableFiles.move(path(file), to: takenPath(file))
        try DurableFiles.sync(file.directory.path)
        return try read(takenPath(file))
    }

    /// For the owner: what it took is carried out, or refused for a reason.
    func settle(_ file: PartitionFile, refusal: String? = nil) throws(EventLogError) {
        if let refusal {
            var refused = self
            refused.refusal = refusal
            try refused.write(Self.refusedPath(file))
        }
        try DurableFiles.remove(Self.takenPath(file))
        try DurableFiles.sync(file.directory.path)
    }

    /// Whether an order waits or is being carried out.
    static func isPending(_ file: PartitionFile) -> Bool {
        [path(file), takenPath(file)].contains { FileManager.default.fileExists(atPath: $0) }
    }

    /// Why the newest order was refused; nil when it was not.
    static func refusal(_ file: PartitionFile) throws(EventLogError) -> String? {
        try read(refusedPath(file))?.refusal
    }

    private static func path(_ file: PartitionFile) -> String { "\(file.path).archive" }
    private static func takenPath(_ file: PartitionFile) -> String { "\(file.path).archive-taken" }
    private static func refusedPath(_ file: PartitionFile) -> String { "\(file.path).archive-refused" }

    /// nil when there is no such file.
    private static func read(_ path: String) throws(EventLogError) -> ArchiveOrder? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        do {
            let order = try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
            guard order.format == format else {
                throw EventLogError(.mismatch, "\(path) has format '\(order.format)', this build reads \(format)")
            }
            return order
        } catch let error as EventLogError {
            throw error
        } catch {
            throw EventLogError(.unavailable, "\(path) cannot be read: remove it, then archive again", cause: error)
        }
    }

    /// Appears whole or not at all.
    private func write(_ path: String) throws(EventLogError) {
        do {
            try JSONEncoder().encode(self).write(to: URL(fileURLWithPath: path + ".new"))
        } catch {
            throw EventLogError(.unavailable, "\(path) cannot be written", cause: error)
        }
        try DurableFiles.sync(path + ".new")
        try DurableFiles.move(path + ".new", to: path)
        try DurableFiles.sync(URL(fileURLWithPath: path).deletingLastPathComponent().path)
    }
}
