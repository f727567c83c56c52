import RoostArchive
import RoostCore
import RoostJSON

/// Says whose archives a place holds and how far they go: names of files do not. A file of the place itself.
struct ArchiveMark: Codable {
    /// Tools leave it out, as everything that begins with an underscore.
    static let name = "_roost.json"

    let logID: LogID
    /// The last archived position of each partition, by its number.
    var through: [String: Position]

    init(logID: LogID, through: [String: Position]) {
        self.logID = logID
        self.through = through
    }

    init(_ bytes: [UInt8], in place: any ArchivePlace) throws {
        do { self = try JSONPayloadDecoder().decode(Self.self, from: bytes) } catch {
            throw ClientError(
                .failed, code: "unreadableMark", "\(place.location)\(Self.name) cannot be read",
                hint: "name a directory or a prefix that is new")
        }
    }

    /// Whether these bytes are the mark of a log.
    static func names(_ log: LogID, _ bytes: [UInt8]) -> Bool {
        do { return try JSONPayloadDecoder().decode(Self.self, from: bytes).logID == log } catch { return false }
    }

    var bytes: [UInt8] { get throws { try JSONPayloadEncoder().bytes(self) } }
}
