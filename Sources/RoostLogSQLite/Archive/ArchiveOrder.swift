import Foundation
import RoostArchive
import RoostCore
import RoostLog

/// Archives of a partition that are written and verified, for its owner to take over: from then on the log reads these
/// events from there.
///
/// A file beside that of the partition. It waits; then it is being looked at by the process that owns the partition; then it
/// is admitted, and the writer carries it out. Each step renames it, so a newer order may wait in its place meanwhile. It
/// ends removed, or as a refusal with its reason: nothing about an order ends a writer.
struct ArchiveOrder: Codable {
    private static let format = "roost.archive-order/1"

    let format: String
    /// They follow the newest archive of the log, and each other.
    let archives: [ArchiveEntry]
    /// Of the log at the last archived event, as hexadecimal digits.
    let digest: String

    init(_ archives: [ArchiveEntry], digest: String) {
        format = Self.format
        self.archives = archives
        self.digest = digest
    }

    /// Where an order stands in its life.
    enum Stage: String, CaseIterable {
        case waiting = "archive"
        case looking = "archive-looking"
        case admitted = "archive-admitted"

        func path(_ file: PartitionFile) -> String { "\(file.path).\(rawValue)" }
    }

    /// Leaves an order for the owner of a partition.
    func place(_ file: PartitionFile) throws(EventLogError) {
        try DurableFiles.remove(Self.refusalPath(file))
        try DurableFiles.replace(Stage.waiting.path(file), with: self)
    }

    /// Whether an order has not ended yet.
    static func isPending(_ file: PartitionFile) -> Bool {
        Stage.allCases.contains { FileManager.default.fileExists(atPath: $0.path(file)) }
    }

    /// Moves what waits on to the next stage; false when nothing waits.
    static func advance(_ file: PartitionFile, from stage: Stage, to next: Stage) throws(EventLogError) -> Bool {
        guard FileManager.default.fileExists(atPath: stage.path(file)) else { return false }
        try DurableFiles.move(stage.path(file), to: next.path(file))
        try DurableFiles.sync(file.directory.path)
        return true
    }

    /// The order of a stage; throws `corrupt` for one that cannot be read.
    static func read(_ stage: Stage, of file: PartitionFile) throws(EventLogError) -> ArchiveOrder {
        do {
            let data = try Data(contentsOf: URL(fileURLWithPath: stage.path(file)))
            let order = try JSONDecoder().decode(Self.self, from: data)
            guard order.format == format else {
                throw EventLogError(.corrupt, "it has format '\(order.format)', this build reads \(format)")
            }
            return order
        } catch let error as EventLogError {
            throw error
        } catch {
            throw EventLogError(.corrupt, "it cannot be read", cause: error)
        }
    }

    /// Ends an order: it was carried out, or is refused for a reason.
    static func end(_ stage: Stage, of file: PartitionFile, refusal: String? = nil) throws(EventLogError) {
        if let refusal {
            try DurableFiles.replace(refusalPath(file), with: Data(refusal.utf8))
        } else {
            try DurableFiles.remove(refusalPath(file))
        }
        try DurableFiles.remove(stage.path(file))
        try DurableFiles.sync(file.directory.path)
    }

    /// Why the newest order was refused; nil when it was not.
    static func refusal(_ file: PartitionFile) -> String? {
        FileManager.default.contents(atPath: refusalPath(file)).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func refusalPath(_ file: PartitionFile) -> String { "\(file.path).archive-refused" }
}
