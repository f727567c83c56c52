package import RoostCore
package import RoostJSON

/// One event as one line of JSON, the columns always in this order:
///
///     position category stream version previous epoch type schema_version event_id correlation_id causation_id
///     command_id fingerprint depth flags content_type traceparent subject recorded occurred payload
///
/// The payload comes last and byte by byte as it was stored. One that is not JSON on a single line stands in
/// `payload_base64` before it instead, and `payload` is null.
package enum ArchiveLine {
    /// Of the columns, as they are written.
    static let names: [StaticString] = [
        "\"position\":", ",\"category\":", ",\"stream\":", ",\"version\":", ",\"previous\":", ",\"epoch\":",
        ",\"type\":", ",\"schema_version\":", ",\"event_id\":", ",\"correlation_id\":", ",\"causation_id\":",
        ",\"command_id\":", ",\"fingerprint\":", ",\"depth\":", ",\"flags\":", ",\"content_type\":",
        ",\"traceparent\":", ",\"subject\":", ",\"recorded\":", ",\"occurred\":",
    ]
    static let payload: StaticString = ",\"payload\":"
    static let encodedPayload: StaticString = ",\"payload_base64\":"

    /// Appends the line of an event, with its line feed. `previous` is where its stream stood before it.
    package static func write(_ event: RecordedEvent, previous: Position, to output: inout JSONOutput) {
        let stream = event.stream
        var names = names.makeIterator()
        func next() -> StaticString { names.next() ?? "" }
        output.put(UInt8(ascii: "{"))
        output.put(next())
        output.put(integer: event.position.rawValue)
        for text in [stream.category, stream.description] { output.put(next(), string: text) }
        for number in [event.version.rawValue, previous.rawValue, event.epoch.rawValue] {
            output.put(next(), integer: number)
        }
        output.put(next(), string: event.type)
        output.put(next(), integer: UInt64(event.schemaVersion))
        output.put(next(), string: event.eventID.description)
        output.put(next(), string: event.correlationID.description)
        output.put(next(), string: event.causationID?.description)
        output.put(next(), string: event.commandID.description)
        output.put(next(), string: hexadecimal(event.fingerprint))
        for number in [event.depth, event.flags, event.contentType] { output.put(next(), integer: UInt64(number)) }
        output.put(next(), string: event.traceparent)
        output.put(next(), string: event.subject)
        output.put(next(), string: event.recorded.description)
        output.put(next(), string: event.occurred.description)
        write(event.payload, to: &output)
        output.put("}\n")
    }

    private static func write(_ bytes: Bytes, to output: inout JSONOutput) {
        bytes.withUnsafeBytes { raw in
            if isOneLine(raw) {
                output.put(payload)
                output.put(raw.assumingMemoryBound(to: UInt8.self))
            } else {
                output.put(encodedPayload, string: Base64.text(raw))
                output.put(payload)
                output.put("null")
            }
        }
    }

    private static func isOneLine(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard !bytes.contains(where: { $0 == 0x0A || $0 == 0x0D }) else { return false }
        // JSON null would read like a payload that stands elsewhere.
        guard !bytes.elementsEqual("null".utf8) else { return false }
        do throws(JSONError) { _ = try JSONValue.parse(bytes) } catch { return false }
        return true
    }

    /// 16 digits: readers of JSON have no numbers of 64 bits without a sign.
    private static func hexadecimal(_ value: UInt64) -> String {
        Hexadecimal.text((0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) })
    }
}

extension JSONOutput {
    fileprivate mutating func put(_ name: StaticString, integer: UInt64) {
        put(name)
        put(integer: integer)
    }

    /// null for nil.
    fileprivate mutating func put(_ name: StaticString, string: String?) {
        put(name)
        if let string { put(string: string) } else { put("null") }
    }
}
