import Foundation
import RoostCore

/// A fault for tests and drills: `ROOST_POISON=STREAM:MENDED` makes the projection of this process fail at every event of
/// STREAM, as a bug in its code would, until the file MENDED is there.
enum PlantedPoison {
    /// What the projection fails with.
    struct Eaten: Error, CustomStringConvertible {
        let stream: String
        var description: String { "poison was planted into \(stream)" }
    }

    private struct Planted {
        let stream: String
        let mended: String
    }

    private static let planted: Planted? = {
        let text = ProcessInfo.processInfo.environment["ROOST_POISON"] ?? ""
        guard let colon = text.firstIndex(of: ":") else { return nil }
        return Planted(stream: String(text[..<colon]), mended: String(text[text.index(after: colon)...]))
    }()

    /// Throws when the event is poison in this process.
    static func taste(_ event: RecordedEvent) throws {
        guard let planted, event.stream.description == planted.stream,
            !FileManager.default.fileExists(atPath: planted.mended)
        else { return }
        throw Eaten(stream: planted.stream)
    }
}
