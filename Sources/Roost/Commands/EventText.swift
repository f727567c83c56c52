import RoostClient
import RoostJSON

/// Events as text.
enum EventText {
    /// One line an event, columns as wide as needed.
    static func lines(_ events: [EventDocument], withData: Bool) -> String {
        let cells = events.map { event in
            [
                event.recordedAt.description, event.type, "\(event.stream) #\(event.version)",
                "\(event.partition):\(event.position)",
            ]
        }
        let widths = (0..<4).map { column in cells.map { $0[column].count }.max() ?? 0 }
        return zip(events, cells).map { event, cells in
            let padded = cells.enumerated().map { index, cell in
                cell + String(repeating: " ", count: widths[index] - cell.count)
            }
            let tail = withData ? event.data.compact : Paint.dim(event.correlationID.description)
            return padded.joined(separator: "  ") + "  " + tail + "\n"
        }.joined()
    }

    /// Everything about each event.
    static func full(_ events: [EventDocument]) throws -> String {
        events.map { event in
            let fields = [
                ("event", event.eventID.description), ("type", "\(event.type) v\(event.schemaVersion)"),
                ("stream", "\(event.stream) #\(event.version)"),
                ("partition", "\(event.partition) position \(event.position) epoch \(event.epoch)"),
                ("recorded", event.recordedAt.description), ("occurred", event.occurredAt.description),
                ("correlation", event.correlationID.description),
                ("caused by", event.causationID?.description ?? "nothing: it starts the chain"),
                ("command", event.commandID), ("depth", event.depth.description),
            ]
            let lines = fields.map { name, value in
                Paint.dim(name + String(repeating: " ", count: 12 - name.count)) + value + "\n"
            }
            return lines.joined() + event.data.prettyPrinted + "\nnext: roost trace \(event.correlationID)\n"
        }.joined(separator: "\n")
    }
}
