package import RoostCore
package import RoostJSON

/// The schema of one public event, in one version.
package struct PublicSchema: Sendable {
    package let type: String
    package let version: UInt32
    package let summary: String
    package let shape: Shape

    /// Read off the type.
    package init<Event: PublicEvent>(_ event: Event.Type) throws {
        type = event.type
        version = event.version
        summary = event.summary
        shape = try Shape(of: event)
    }

    /// Reads an exported file.
    package init(_ document: JSONValue) throws(UnreadableSchema) {
        guard let type = document["title"]?.string, let version = document["x-roost-version"]?.integer else {
            throw UnreadableSchema("it has no 'title' or no 'x-roost-version'")
        }
        self.type = type
        self.version = UInt32(clamping: version)
        summary = document["description"]?.string ?? ""
        shape = try Shape(document)
    }

    /// As in `OrderConfirmed.v1.schema.json`.
    package var fileName: String { "\(type).v\(version).schema.json" }

    /// JSON Schema 2020-12.
    package var document: JSONValue {
        var document = JSONObject()
        document["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        document["$id"] = .string(fileName)
        document["title"] = .string(type)
        document["description"] = .string(summary)
        document["x-roost-version"] = .integer(Int64(version))
        for member in shape.schema.members { document[member.key] = member.value }
        return .object(document)
    }
}

/// A change that somebody who relies on an earlier schema would notice.
package struct BreakingChange: Hashable, Sendable, Codable {
    package let type: String
    /// Of the earlier schema.
    package let version: UInt32
    /// Who cannot go on: `newReaders` of what was published, `oldReaders` of what is published now, or `everybody`.
    package let breaks: String
    package let problem: String
}

extension BreakingChange {
    /// What was published in any earlier version must be readable by today's schema (BACKWARD_TRANSITIVE). As long as the
    /// version is the same, who reads by the earlier schema must also be able to read what is published today.
    package static func find(from earlier: [PublicSchema], to current: [PublicSchema]) -> [BreakingChange] {
        earlier.flatMap { old -> [BreakingChange] in
            guard let new = current.first(where: { $0.type == old.type }) else {
                return [old.broken("everybody", "is not published any more")]
            }
            guard new.version >= old.version else {
                return [old.broken("everybody", "was version \(old.version) already, now it is \(new.version)")]
            }
            let backward = new.shape.obstacles(reading: old.shape).map { old.broken("newReaders", $0) }
            let forward = old.shape.obstacles(reading: new.shape).map { old.broken("oldReaders", $0) }
            return backward + (new.version == old.version ? forward : [])
        }
    }
}

extension PublicSchema {
    fileprivate func broken(_ readers: String, _ problem: String) -> BreakingChange {
        BreakingChange(type: type, version: version, breaks: readers, problem: problem)
    }
}
