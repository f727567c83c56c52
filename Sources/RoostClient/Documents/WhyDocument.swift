package import RoostCore
import RoostJSON
import RoostNode
package import RoostTrace

/// The events that made a row what it is. Document `roost.why/1`.
package struct WhyDocument: Encodable, Sendable {
    /// One event and what it changed in the row.
    package struct Entry: Encodable, Sendable {
        package let type: String
        package let eventID: EventID
        package let stream: String
        package let version: StreamVersion
        package let partition: PartitionID
        package let position: Position
        package let recordedAt: Timestamp
        /// What `roost trace` takes.
        package let correlationID: CorrelationID
        /// A column that was not there is null.
        package let changes: [FieldChange]

        init(_ change: Provenance.Change, _ columns: [String], only column: String?) {
            let event = change.event
            type = event.type
            eventID = event.eventID
            stream = event.stream.description
            version = event.version
            partition = change.partition
            position = event.position
            recordedAt = event.recorded
            correlationID = event.correlationID
            changes = columns.enumerated().compactMap { index, name in
                guard column == nil || column == name else { return nil }
                let before = change.before.map { JSONValue($0[index]) } ?? .null
                let after = change.after.map { JSONValue($0[index]) } ?? .null
                return before == after ? nil : FieldChange(field: name, before: before, after: after)
            }
        }
    }

    package let schema = "roost.why/1"
    package let projection: String
    package let table: String
    package let key: [String]
    /// The one that was asked for; null for all of them.
    @Explicit package private(set) var column: String?
    /// In the order in which they were recorded.
    package let entries: [Entry]
    /// Whether the row is there now.
    package let exists: Bool

    init(projection: String, table: String, key: [String], column: String?, entries: [Entry], exists: Bool) {
        self.projection = projection
        self.table = table
        self.key = key
        _column = Explicit(wrappedValue: column)
        self.entries = entries
        self.exists = exists
    }
}

extension JSONValue {
    /// Bytes as hexadecimal digits.
    fileprivate init(_ value: SQLValue) {
        switch value {
        case .null: self = .null
        case .integer(let number): self = .integer(number)
        case .real(let number): self = .number(number)
        case .text(let text): self = .string(text)
        case .blob(let bytes): self = .string(Hexadecimal.text(bytes))
        }
    }
}
