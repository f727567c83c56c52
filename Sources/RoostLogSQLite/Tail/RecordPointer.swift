import RoostCore

/// The fields of one record in an arena that does not move while it is used.
@safe struct RecordPointer {
    let base: UnsafeRawPointer
    let streamBytes, typeBytes, commandBytes, traceparentBytes, subjectBytes: Int

    init(_ base: UnsafeRawPointer) {
        unsafe self.base = unsafe base
        func length(_ field: Int) -> Int {
            unsafe Int(UInt16(littleEndian: base.loadUnaligned(fromByteOffset: field, as: UInt16.self)))
        }
        streamBytes = length(EventLayout.streamBytes)
        typeBytes = length(EventLayout.typeBytes)
        commandBytes = length(EventLayout.commandBytes)
        traceparentBytes = length(EventLayout.traceparentBytes)
        subjectBytes = length(EventLayout.subjectBytes)
    }

    func number<Value: FixedWidthInteger>(_ field: Int, _ type: Value.Type) -> Value {
        unsafe Value(littleEndian: base.loadUnaligned(fromByteOffset: field, as: Value.self))
    }

    @inline(__always)
    func bits(_ field: Int) -> UInt128 {
        let high = unsafe UInt64(bigEndian: base.loadUnaligned(fromByteOffset: field, as: UInt64.self))
        let low = unsafe UInt64(bigEndian: base.loadUnaligned(fromByteOffset: field + 8, as: UInt64.self))
        return UInt128(high) << 64 | UInt128(low)
    }

    var typeName: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: type, count: typeBytes) }

    /// Names the command in its stream: `CommandHash.of(stream, command)`.
    var commandHash: UInt64 {
        let seed = unsafe StableHash.folded(UnsafeRawBufferPointer(start: stream, count: streamBytes))
        return unsafe StableHash.folded(UnsafeRawBufferPointer(start: command, count: commandBytes), seed: seed)
    }

    var isRoot: Bool {
        number(EventLayout.causationID, UInt64.self) | number(EventLayout.causationID + 8, UInt64.self) == 0
    }
    var stream: UnsafeRawPointer { unsafe base + EventLayout.headBytes }
    var type: UnsafeRawPointer { unsafe stream + streamBytes }
    var command: UnsafeRawPointer { unsafe type + typeBytes }
    var traceparent: UnsafeRawPointer { unsafe command + commandBytes }
    var subject: UnsafeRawPointer { unsafe traceparent + traceparentBytes }
    var payload: UnsafeRawPointer { unsafe subject + subjectBytes }
    var payloadBytes: Int { unsafe Int(number(0, UInt32.self)) - (payload - base) }
}

extension RecordedEvent {
    /// Runs `body` with the fields of the event.
    func withPointer<Result>(_ body: (RecordPointer) -> Result) -> Result? {
        unsafe canonicalBytes.withUnsafeBytes { bytes in unsafe bytes.baseAddress.map { unsafe body(RecordPointer($0)) }
        }
    }
}
