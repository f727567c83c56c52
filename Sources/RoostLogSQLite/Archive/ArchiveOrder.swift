import Foundation
import RoostArchive
import RoostCore
import RoostLog

/// Archives of a partition that are written and verified, for its owner to take over: from then on the log reads these
/// events from there. A file beside that of the partition; it goes when it is carried out.
struct ArchiveOrder: Codable {
    private static let format = "roost.archive-order/1"

    let format: String
    /// They follow the newest archive of the log.
    let archives: [ArchiveEntry]
    /// Of the log at the last archived event, as hexadecimal digits.
    let digest: String
    /// Why the owner did not carry it out; nil as long as it has not looked at it.
    var refusal: String?

    init(_ archives: [ArchiveEntry], digest: String) {
        format = Self.format
        self.archives = archives
        self.digest = digest
    }

    /// nil when nothing waits.
    static func read(_ path: String) throws(EventLogError) -> ArchiveOrder? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        do {
            let order = try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
            return order.format == format ? order : nil
        } catch {
            throw EventLogError(.unavailable, "\(path) cannot be read: remove it, then archive again", cause: error)
        }
    }

    /// Appears whole or not at all.
    func write(_ path: String) throws(EventLogError) {
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
