import Foundation
import RoostCore
import RoostJSON
package import RoostNode
import RoostSchema

/// The public events of a domain as files for others: schemas, samples, and where they are sent.
package struct PublicSchemas {
    private let domain: Domain
    private let feeds: [(feed: any PublicFeed.Type, schemas: [PublicSchema])]

    /// Throws for a public event whose schema cannot be read off its type, and for two of one name.
    package init(_ domain: Domain) throws {
        self.domain = domain
        do {
            feeds = try domain.feeds.map { feed in (feed, try feed.events.map { try Self.schema(of: $0) }) }
        } catch let error as UnreadableSchema {
            throw ClientError(.failed, code: "noSchema", error.description, hint: "change the type of the public event")
        }
        let names = schemas.map(\.type)
        if let twice = names.first(where: { name in names.filter { $0 == name }.count > 1 }) {
            throw ClientError(.failed, code: "twoEvents", "two public events are called \(twice)", hint: "rename one")
        }
    }

    private static func schema<Event: PublicEvent>(of event: Event.Type) throws -> PublicSchema {
        try PublicSchema(event)
    }

    private var schemas: [PublicSchema] { feeds.flatMap(\.schemas) }

    /// Compares what is published today with every schema in a directory.
    package func check(against directory: String) throws -> PublicSchemasDocument {
        guard FileManager.default.fileExists(atPath: directory + "/schemas") else {
            throw ClientError(
                .notFound, code: "noSchemas", "there are no schemas in \(directory)",
                hint: "name a directory that 'roost schema export' has written")
        }
        let earlier = try read(directory + "/schemas")
        return PublicSchemasDocument(
            events: schemas.count, compared: earlier.count,
            breaking: BreakingChange.find(from: earlier, to: schemas), written: [])
    }

    /// Writes everything, unless that would break somebody who relies on what is there.
    package func export(to directory: String) throws -> PublicSchemasDocument {
        let isThere = FileManager.default.fileExists(atPath: directory + "/schemas")
        let before = isThere ? try check(against: directory) : nil
        if let before, !before.ok { return before }
        do {
            for name in ["schemas", "samples"] {
                try FileManager.default.createDirectory(
                    atPath: "\(directory)/\(name)", withIntermediateDirectories: true)
            }
            let written = try feeds.flatMap { try write($0.feed, $0.schemas, to: directory) }
            return PublicSchemasDocument(
                events: schemas.count, compared: before?.compared ?? 0, breaking: [], written: written)
        } catch let error as CocoaError {
            throw ClientError(
                .failed, code: "notWritable", "\(directory) cannot be written: \(error.localizedDescription)",
                hint: "name a directory that is writable")
        }
    }

    private func write(
        _ feed: any PublicFeed.Type, _ schemas: [PublicSchema], to directory: String
    ) throws -> [String] {
        var written: [String] = []
        func put(_ document: JSONValue, _ path: String) throws {
            try Data((document.prettyPrinted + "\n").utf8).write(to: URL(fileURLWithPath: "\(directory)/\(path)"))
            written.append("\(directory)/\(path)")
        }
        for schema in schemas { try put(schema.document, "schemas/\(schema.fileName)") }
        for event in feed.events {
            try put(try CloudEvent.sample(of: event, feed), "samples/\(event.type).v\(event.version).json")
        }
        let title = "\(domain.name) \(feed.name)"
        try put(
            AsyncAPI.document(feed: feed.name, source: feed.source, title: title, schemas),
            "\(feed.name).asyncapi.json")
        return written
    }

    private func read(_ directory: String) throws -> [PublicSchema] {
        let names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        return try names.filter { $0.hasSuffix(".schema.json") }.map { name in
            do {
                let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(name)"))
                return try PublicSchema(JSONValue.parse(Array(bytes)))
            } catch {
                throw ClientError(
                    .failed, code: "unreadableSchema", "\(directory)/\(name) cannot be read: \(error)",
                    hint: "put back what 'roost schema export' has written")
            }
        }
    }
}
