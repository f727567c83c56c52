import RoostCore
import RoostJSON
import RoostLog
import RoostVault

/// What the log holds about one subject: read once, kept in memory, never written anywhere.
struct SubjectData {
    private(set) var events = 0
    private(set) var streams: Set<StreamName> = []
    /// Of the events that hold personal values.
    private(set) var types: Set<String> = []
    /// How many different values are looked for.
    private(set) var distinct = 0
    /// Its personal values as texts, in every form in which they may stand in a file.
    private(set) var texts: Set<String> = []
    /// Numbers, and texts that are too short: they stand everywhere, so they are not looked for.
    private(set) var notSought = 0
    /// Events that hold personal values, also those that nobody can read any more.
    private(set) var personal: Set<EventID> = []
    /// Events that hold its data readable: stored before there was a vault.
    private(set) var readable: [EventID] = []

    /// `progress` gets the events looked at.
    init(of subject: String, in log: any EventLog, _ vault: Vault, progress: (UInt64) -> Void) throws {
        try Self.forEachEvent(of: log, progress) { event in
            guard event.subject == subject else { return }
            events += 1
            streams.insert(event.stream)
            let found = try event.payload.withUnsafeBytes { try vault.values(in: $0, of: event.eventID) }
            if found.isPersonal {
                types.insert(event.type)
                personal.insert(event.eventID)
            }
            if found.isReadable { readable.append(event.eventID) }
            for value in found.values { note(try JSONValue.parse(value)) }
        }
    }

    private mutating func note(_ value: JSONValue) {
        switch value {
        case .string(let text): seek(text)
        case .array(let elements): for element in elements { note(element) }
        case .object(let object): for member in object.members { note(member.value) }
        case .integer, .number, .bool, .null: notSought += 1
        }
    }

    private mutating func seek(_ text: String) {
        guard text.utf8.count >= PlaintextSearch.bytesMin else { return notSought += 1 }
        if texts.insert(text).inserted { distinct += 1 }
        // As it stands in a JSON text, without the quotes around it.
        texts.insert(String(JSONValue.string(text).compact.dropFirst().dropLast()))
    }

    /// Which of these texts other subjects have too: a town is nobody's alone.
    static func shared(
        _ texts: Set<String>, besides subject: String, in log: any EventLog, _ vault: Vault
    ) throws -> Set<String> {
        let search = PlaintextSearch(texts)
        var shared: Set<String> = []
        try forEachEvent(of: log, { _ in }) { event in
            guard event.subject != subject, shared.count < texts.count else { return }
            // What is nobody's personal data may be the same word.
            shared.formUnion(event.payload.withUnsafeBytes { search.hits(in: $0) })
            guard event.subject != nil else { return }
            let found = try event.payload.withUnsafeBytes { try vault.values(in: $0, of: event.eventID) }
            for value in found.values { shared.formUnion(value.withUnsafeBytes { search.hits(in: $0) }) }
        }
        return shared
    }

    static func forEachEvent(
        of log: any EventLog, _ progress: (UInt64) -> Void, _ body: (RecordedEvent) throws -> Void
    ) throws {
        var done: UInt64 = 0
        for partition in log.identity.placement.partitions {
            let reader = try log.reader(partition)
            var position = Position.start
            while case let page = try reader.events(after: position, limit: 10_000), let last = page.last {
                for event in page { try body(event) }
                position = last.position
                done += UInt64(page.count)
                progress(done)
            }
        }
    }
}
