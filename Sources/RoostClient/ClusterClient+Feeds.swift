import RoostCore
import RoostJSON
import RoostNode

extension ClusterClient {
    /// The public events of a feed after a number, in order.
    package func feed(_ name: String?, after number: UInt64, limit: Int) throws -> FeedDocument {
        let feed = try feed(name)
        let (entries, newest) = try databases.published(by: feed, after: number, limit: limit)
        guard number <= newest else {
            throw ClientError(
                .usage, code: "beyondNewest",
                "feed '\(feed)' ends at number \(newest): later numbers are given out again, as after a restore",
                hint: "roost feed \(feed) --after \(newest)")
        }
        let events = try entries.map { try JSONValue.parse(Array($0.body.utf8)) }
        let last = entries.last?.number ?? newest
        return FeedDocument(feed: feed, newest: newest, next: last < newest ? last : nil, events: events)
    }

    /// The feed of that name, or the only one.
    private func feed(_ name: String?) throws -> String {
        let names = domain.feeds.map { $0.name }
        guard let name else {
            guard let only = names.first, names.count == 1 else {
                let words = names.isEmpty ? "this cluster has no feed" : "there are several feeds"
                throw ClientError(
                    names.isEmpty ? .notFound : .usage, code: "whichFeed", words,
                    hint: names.isEmpty
                        ? "add a process with 'role: feed'" : "name one of \(names.joined(separator: ", "))")
            }
            return only
        }
        guard names.contains(name) else {
            throw ClientError(
                .notFound, code: "unknownFeed",
                "there is no feed '\(name)'" + Suggestion.text(for: name, among: names),
                hint: names.isEmpty
                    ? "add a process with 'role: feed'" : "feeds are: " + names.joined(separator: ", "))
        }
        return name
    }
}
