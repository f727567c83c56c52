public import RoostCore
import RoostJSON

extension ImportedCommand {
    /// Writes `payload` as JSON and derives the command ID from what is sent: the prefix, then a hash of the stream,
    /// the JSON and the time. The same content gives the same ID; changed content another one.
    public init(
        _ payload: any CommandPayload, to stream: StreamName, commandIDPrefix prefix: String, occurred: Timestamp?,
        rows: Int = 1
    ) throws {
        let bytes = try JSONPayloadEncoder().bytes(payload)
        let seed = StableHash.folded("\(stream) \(occurred?.description ?? "")")
        let hash = bytes.withUnsafeBytes { StableHash.folded($0, seed: seed) }
        let digits = String(hash, radix: 16)
        let padded = String(repeating: "0", count: 16 - digits.utf8.count) + digits
        self.init(
            command: type(of: payload).name, stream: stream, data: Bytes(bytes),
            commandID: try CommandID("\(prefix)-\(padded)"), occurred: occurred, rows: rows)
    }
}
