import Foundation
import RoostCore
import RoostJSON

/// Rows that a rebuild has proved, kept for later ones to begin with.
package struct ProjectionBase: Sendable {
    /// What was proved of them.
    package let certificate: RebuildCertificate
    package let directory: String
    /// Of the rows, as a file.
    package let bytes: UInt64

    /// The events that are in it.
    package var events: UInt64 { certificate.events }
    var rows: String { directory + "/rows.db" }
}

/// The bases of one projection: directories `bases/EVENTS` with the rows and the certificate that speaks of them. To remove one
/// is to remove its directory.
package struct ProjectionBases: Sendable {
    private let directory: String

    /// `projection` is the directory of one projection.
    package init(projection: String) { directory = projection + "/bases" }

    /// Fewest events first; what cannot be read is not among them: see `unreadable`.
    package func all() throws -> [ProjectionBase] {
        try places().compactMap { place in
            do { return try base(at: place) } catch is ReaderFailure { return nil }
        }
    }

    /// Directories that are no base any more, as when somebody has removed a file of one.
    package func unreadable() throws -> [String] {
        try places().filter { place in
            do {
                _ = try base(at: place)
                return false
            } catch is ReaderFailure {
                return true
            }
        }
    }

    /// The one with the most events, but no more than so many.
    package func newest(through events: UInt64) throws -> ProjectionBase? { try all().last { $0.events <= events } }

    /// The one with so many events.
    package func base(_ events: UInt64) throws -> ProjectionBase { try base(at: "\(directory)/\(events)") }

    /// Lays by the rows of a database that nobody writes and whose WAL is empty; they are a base with the certificate of that root
    /// only.
    func lay(rowsOf path: String, root: String) throws {
        try removeUnfinished()
        do {
            try FileManager.default.createDirectory(atPath: unfinished(root), withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: path, toPath: unfinished(root) + "/rows.db")
        } catch {
            try removeUnfinished()
            throw error
        }
    }

    /// Makes what was laid by a base, in place of one with as many events.
    package func keep(_ certificate: RebuildCertificate) throws -> ProjectionBase {
        let (laid, place) = (unfinished(certificate.root), "\(directory)/\(certificate.events)")
        try Data(JSONPayloadEncoder().bytes(certificate)).write(
            to: URL(fileURLWithPath: laid + "/certificate.json"))
        try FileManager.default.removeIfThere(place)
        try FileManager.default.moveItem(atPath: laid, toPath: place)
        return try base(at: place)
    }

    package func removeAll() throws { try FileManager.default.removeIfThere(directory) }

    private static let unfinishedPrefix = "unfinished-"
    private func unfinished(_ root: String) -> String { "\(directory)/\(Self.unfinishedPrefix)\(root.prefix(16))" }

    private func removeUnfinished() throws {
        for name in try names() where name.hasPrefix(Self.unfinishedPrefix) {
            try FileManager.default.removeIfThere("\(directory)/\(name)")
        }
    }

    private func names() throws -> [String] {
        guard FileManager.default.fileExists(atPath: directory) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: directory)
    }

    private func places() throws -> [String] {
        try names().compactMap { UInt64($0) }.sorted().map { "\(directory)/\($0)" }
    }

    private func base(at place: String) throws -> ProjectionBase {
        let rows = place + "/rows.db"
        guard let certificate = DeskFile<RebuildCertificate>(path: place + "/certificate.json").readable,
            FileManager.default.fileExists(atPath: rows)
        else { throw ReaderFailure("\(place) is no base: its rows or its certificate cannot be read; remove it") }
        let bytes = try FileManager.default.attributesOfItem(atPath: rows)[.size] as? UInt64
        return ProjectionBase(certificate: certificate, directory: place, bytes: bytes ?? 0)
    }
}
