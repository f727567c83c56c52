import RoostCore

/// How pages of the log are asked for and sent, version 2. Two frames each way, all numbers little-endian.
///
///     request   "RSQ2" | u32 partition | u64 number | u64 after | u64 through | u32 limit | 16 bytes log ID
///               followed by a frame of the types of events, a line each; empty for all of them
///     answer    "RSA2" | u32 status    | u64 number | u64 through, up to which nothing is missing
///               followed by a frame of canonical events, or, for status 1, of the reason as text
enum ReplayFrames {
    struct Request: Equatable {
        var partition: PartitionID
        var number: UInt64
        /// nil for all.
        var types: Set<String>?
        var after: Position
        var through: Position
        var limit: UInt32
        var logID: LogID
    }

    struct AnswerHead: Equatable {
        var number: UInt64
        var isFailure = false
        var through = Position.start
    }

    static let requestBytes = 52
    static let answerBytes = 24
    /// The types of one request, as bytes.
    static let typesBytesMax = 64 << 10
    private static let requestMagic = UInt32(0x3251_5352)
    private static let answerMagic = UInt32(0x3241_5352)

    static func encode(_ request: Request) -> [Bytes] {
        var bytes: [UInt8] = []
        append(requestMagic, &bytes)
        append(request.partition.rawValue, &bytes)
        append(request.number, &bytes)
        append(request.after.rawValue, &bytes)
        append(request.through.rawValue, &bytes)
        append(request.limit, &bytes)
        append(request.logID.bits, &bytes)
        return [Bytes(bytes), Bytes((request.types ?? []).sorted().joined(separator: "\n"))]
    }

    static func request(_ frame: SharedBytes, types: SharedBytes) -> Request? {
        guard types.count <= typesBytesMax else { return nil }
        let lines = Bytes(types, offset: 0, count: types.count).text.split(separator: "\n").map(String.init)
        return frame.withUnsafeBytes { bytes in
            guard bytes.count == requestBytes, number(bytes, 0, UInt32.self) == requestMagic else { return nil }
            return Request(
                partition: PartitionID(number(bytes, 4)), number: number(bytes, 8),
                types: lines.isEmpty ? nil : Set(lines), after: Position(number(bytes, 16)),
                through: Position(number(bytes, 24)), limit: number(bytes, 32), logID: LogID(bits: number(bytes, 36)))
        }
    }

    static func encode(_ head: AnswerHead) -> Bytes {
        var bytes: [UInt8] = []
        append(answerMagic, &bytes)
        append(UInt32(head.isFailure ? 1 : 0), &bytes)
        append(head.number, &bytes)
        append(head.through.rawValue, &bytes)
        return Bytes(bytes)
    }

    static func answerHead(_ frame: SharedBytes) -> AnswerHead? {
        frame.withUnsafeBytes { bytes in
            guard bytes.count == answerBytes, number(bytes, 0, UInt32.self) == answerMagic else { return nil }
            return AnswerHead(
                number: number(bytes, 8), isFailure: number(bytes, 4, UInt32.self) != 0,
                through: Position(number(bytes, 16)))
        }
    }

    private static func append(_ value: some FixedWidthInteger, _ bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    private static func number<Value: FixedWidthInteger>(
        _ bytes: UnsafeRawBufferPointer, _ offset: Int, _ type: Value.Type = Value.self
    ) -> Value {
        Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
    }
}
