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

    /// Fewest events first.
    package func all() throws -> [ProjectionBase] {
        guard FileManager.default.fileExists(atPath: directory) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: directory).compactMap { UInt64($0) }.sorted()
            .map { try base(at: "\(directory)/\($0)") }
    }

    /// The one with the most events, but no more than so many.
    package func newest(through events: UInt64) throws -> ProjectionBase? { try all().last { $0.events <= events } }

    /// The one with so many events.
    package func base(_ events: UInt64) throws -> ProjectionBase { try base(at: "\(directory)/\(events)") }

    /// Lays by the rows of a database that nobody writes and whose WAL is empty; they are a base with their certificate only.
    func lay(rowsOf path: String) throws {
        try remove(unfinished)
        try FileManager.default.createDirectory(atPath: unfinished, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: path, toPath: unfinished + "/rows.db")
    }

    /// Makes what was laid by a base, in place of one with as many events.
    package func keep(_ certificate: RebuildCertificate) throws -> ProjectionBase {
        let place = "\(directory)/\(certificate.events)"
        try Data(JSONPayloadEncoder().bytes(certificate)).write(
            to: URL(fileURLWithPath: unfinished + "/certificate.json"))
        try remove(place)
        try FileManager.default.moveItem(atPath: unfinished, toPath: place)
        return try base(at: place)
    }

    package func removeAll() throws { try remove(directory) }

    private var unfinished: String { directory + "/unfinished" }

    private func base(at place: String) throws -> ProjectionBase {
        let rows = place + "/rows.db"
        guard let data = FileManager.default.contents(atPath: place + "/certificate.json"),
            FileManager.default.fileExists(atPath: rows)
        else { throw ReaderFailure("\(place) is no base: its rows or its certificate are missing; remove it") }
        do {
            let certificate = try JSONPayloadDecoder().decode(RebuildCertificate.self, from: Array(data))
            let bytes = try FileManager.default.attributesOfItem(atPath: rows)[.size] as? UInt64
            return ProjectionBase(certificate: certificate, directory: place, bytes: bytes ?? 0)
        } catch is DecodingError {
            throw ReaderFailure("the certificate in \(place) cannot be read; remove it")
        }
    }

    private func remove(_ path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else { return }
        try FileManager.default.removeItem(atPath: path)
    }
}
