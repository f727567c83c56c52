import RoostCore

/// How pages of the log are asked for and sent, version 1. Two frames, all numbers little-endian.
///
///     request   "RSQ1" | u32 partition | u64 number | u64 after | u32 limit | 16 bytes log ID
///     answer    "RSA1" | u32 status    | u64 number              followed by a frame of canonical events,
///                                                                or, for status 1, of the reason as text
enum ReplayFrames {
    struct Request: Equatable {
        var partition: PartitionID
        var number: UInt64
        var after: Position
        var limit: UInt32
        var logID: LogID
    }

    static let requestBytes = 44
    static let answerBytes = 16
    private static let requestMagic = UInt32(0x3151_5352)
    private static let answerMagic = UInt32(0x3141_5352)

    static func encode(_ request: Request) -> Bytes {
        var bytes: [UInt8] = []
        append(requestMagic, &bytes)
        append(request.partition.rawValue, &bytes)
        append(request.number, &bytes)
        append(request.after.rawValue, &bytes)
        append(request.limit, &bytes)
        append(request.logID.bits, &bytes)
        return Bytes(bytes)
    }

    static func request(_ frame: SharedBytes) -> Request? {
        frame.withUnsafeBytes { bytes in
            guard bytes.count == requestBytes, number(bytes, 0, UInt32.self) == requestMagic else { return nil }
            return Request(
                partition: PartitionID(number(bytes, 4)), number: number(bytes, 8),
                after: Position(number(bytes, 16)), limit: number(bytes, 24), logID: LogID(bits: number(bytes, 28)))
        }
    }

    static func answerHead(_ requestNumber: UInt64, isFailure: Bool) -> Bytes {
        var bytes: [UInt8] = []
        append(answerMagic, &bytes)
        append(UInt32(isFailure ? 1 : 0), &bytes)
        append(requestNumber, &bytes)
        return Bytes(bytes)
    }

    static func answerHead(_ frame: SharedBytes) -> (number: UInt64, isFailure: Bool)? {
        frame.withUnsafeBytes { bytes in
            guard bytes.count == answerBytes, number(bytes, 0, UInt32.self) == answerMagic else { return nil }
            return (number(bytes, 8), number(bytes, 4, UInt32.self) != 0)
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
