import Foundation
package import RoostCore
import RoostJSON

/// How far the spans of a log were sent, in a file. Whoever reads the file sees the old text or the new one.
package struct PushCursor: Codable, Equatable, Sendable {
    private static let schema = "roost.otlp-cursor/1"

    private struct Place: Codable, Equatable {
        let partition: PartitionID
        let position: Position
    }

    private let schema: String
    /// Positions mean something in this log only.
    package let logID: LogID
    private var places: [Place]

    package init(logID: LogID) {
        schema = Self.schema
        self.logID = logID
        places = []
    }

    /// nil for a partition that was never looked at.
    package subscript(partition: PartitionID) -> Position? {
        get { places.first { $0.partition == partition }?.position }
        set {
            places.removeAll { $0.partition == partition }
            if let newValue { places.append(Place(partition: partition, position: newValue)) }
            places.sort { $0.partition < $1.partition }
        }
    }

    /// nil when there is no file. Throws `PushCursorError` for one that is not a cursor.
    package static func read(_ path: String) throws -> PushCursor? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        do {
            let cursor = try JSONPayloadDecoder().decode(PushCursor.self, from: bytes)
            if cursor.schema == schema { return cursor }
        } catch is JSONError {}
        throw PushCursorError(path: path)
    }

    package func write(_ path: String) throws {
        try Data(JSONPayloadEncoder().bytes(self)).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}

/// A file that should say how far spans were sent, and does not.
package struct PushCursorError: Error, CustomStringConvertible {
    let path: String
    package var description: String {
        "\(path) does not say how far spans were sent; to send only what is recorded from now on: rm '\(path)'"
    }
}
