import Foundation
import RoostJSON

/// A small document that one process lays down for another to find, replaced as a whole.
struct DeskFile<Document: Codable> {
    let path: String

    var exists: Bool { FileManager.default.fileExists(atPath: path) }

    /// nil where none lies.
    func read() throws -> Document? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return try JSONPayloadDecoder().decode(Document.self, from: Array(data))
    }

    /// nil also where what lies there is something else.
    var readable: Document? { do { return try read() } catch { return nil } }

    func write(_ document: Document) throws {
        try Data(JSONPayloadEncoder().bytes(document)).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    /// Both processes may do so.
    func remove() throws { try FileManager.default.removeIfThere(path) }
}
