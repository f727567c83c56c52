/// Bus protocol version 1: a `BusMessage` as the three frames of a ZeroMQ message, and back.
package enum BusFrames {
    /// The messages that carry `message`: one, or several with contiguous positions when its body is over 256 KiB.
    /// Each has the frames topic, header and body. The body is not copied.
    package static func encode(_ message: BusMessage) -> [[Bytes]] {
        let topic = Bytes(message.topic)
        let bodies = message.events.isEmpty ? [Body(of: message)] : split(message.events)
        return bodies.map { [topic, header(of: message, $0), $0.bytes] }
    }

    /// Neighbouring records that travel together.
    private struct Body {
        let first: Position
        var count: UInt32
        var bytes: Bytes

        /// The empty body of a heartbeat.
        init(of heartbeat: BusMessage) {
            first = heartbeat.newest
            count = 0
            bytes = Bytes([])
        }

        init(_ event: RecordedEvent) {
            first = event.position
            count = 1
            bytes = event.canonicalBytes
        }

        /// False when `record` does not follow in memory or does not fit.
        mutating func extend(_ record: Bytes) -> Bool {
            let total = bytes.count + record.count
            let follows = record.owner === bytes.owner && record.offset == bytes.offset + bytes.count
            guard follows, total <= BusLayout.splitBytes else { return false }
            bytes = Bytes(bytes.owner, offset: bytes.offset, count: total)
            count += 1
            return true
        }
    }

    private static func split(_ events: EventPage) -> [Body] {
        var bodies: [Body] = []
        for event in events {
            if bodies.isEmpty || !bodies[bodies.count - 1].extend(event.canonicalBytes) { bodies.append(Body(event)) }
        }
        return bodies
    }

    private static func header(of message: BusMessage, _ body: Body) -> Bytes {
        SharedBytes(count: BusLayout.headerBytes) { header in
            header.put(BusLayout.magic, 0)
            header.put(BusLayout.protocolVersion, BusLayout.version)
            header.put(message.kind.rawValue, BusLayout.kind)
            header.put(UInt16(BusLayout.headerBytes), BusLayout.headerCount)
            header.put(message.partition.rawValue, BusLayout.partition)
            header.put(body.count, BusLayout.count)
            header.put(message.epoch.rawValue, BusLayout.epoch)
            header.put(body.first.rawValue, BusLayout.first)
            header.put(message.newest.rawValue, BusLayout.newest)
            header.put(bits: message.logID.bits, BusLayout.logID)
            header.put(UInt32(body.bytes.count), BusLayout.bodyBytes)
            let sum = body.bytes.withUnsafeBytes { checksum(UnsafeRawBufferPointer(header), $0) }
            header.put(sum, BusLayout.checksum)
        }.whole
    }

    static func checksum(_ header: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer) -> UInt32 {
        var sum = CRC32C()
        sum.update(header.part(0, BusLayout.checksum))
        sum.update(body)
        return sum.value
    }
}
