/// The parts of a stored event on their way back into canonical bytes. Its pointers are valid only while it is written.
package struct RawEvent {
    package var flags: UInt16 = 0
    package var contentType: UInt16 = 0
    package var depth: UInt16 = 0
    package var schemaVersion: UInt32 = 0
    package var position: UInt64 = 0
    package var version: UInt64 = 0
    package var epoch: UInt64 = 0
    package var fingerprint: UInt64 = 0
    package var recorded: Int64 = 0
    package var occurred: Int64 = 0
    package var eventID: UInt128 = 0
    package var correlationID: UInt128 = 0
    /// Zero for the root of a chain.
    package var causationID: UInt128 = 0
    package var stream = UnsafeRawBufferPointer(start: nil, count: 0)
    package var type = UnsafeRawBufferPointer(start: nil, count: 0)
    package var command = UnsafeRawBufferPointer(start: nil, count: 0)
    package var traceparent = UnsafeRawBufferPointer(start: nil, count: 0)
    package var subject = UnsafeRawBufferPointer(start: nil, count: 0)
    package var payload = UnsafeRawBufferPointer(start: nil, count: 0)

    package init() {}

    /// Bytes of everything between the fixed head and the payload.
    package var textBytes: Int { stream.count + type.count + command.count + traceparent.count + subject.count }
}
