extension RecordedEvent {
    /// The same event with another payload: what an upcaster made of it. Everything but the type, the schema version and
    /// the payload is that of the stored event.
    package func part(_ number: UInt16, _ part: Upcaster.Part) -> RecordedEvent {
        let context = CommandContext(
            stream: stream, commandID: commandID, fingerprint: fingerprint, correlationID: correlationID,
            causationID: causationID, depth: depth, traceparent: traceparent, isImported: isImported)
        var writer = EventWriter(capacity: byteCount + part.payload.count)
        let offset = writer.append(
            context,
            NewEvent(
                eventID: eventID, type: part.kind.type, schemaVersion: part.kind.schemaVersion,
                payload: Bytes(part.payload), subject: subject, occurred: occurred))
        writer.place(at: offset, position: position, version: version, recorded: recorded, epoch: epoch)
        return RecordedEvent(checked: writer.finish(), offset: offset, part: number)
    }

    /// The kind in which the event is stored.
    package var kind: EventKind { EventKind(type, schemaVersion) }
}
