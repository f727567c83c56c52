package import RoostCore
package import RoostLog

/// Compares the kinds of events that a log really holds with those that the application can read.
package struct SchemaCheck {
    private let aggregates: [String: AggregateKind]
    private let decoder: EventDecoder

    package init(_ domain: Domain, _ codec: PayloadCodec) {
        aggregates = AggregateKind.byCategory(domain)
        decoder = codec.makeEventDecoder()
    }

    /// Throws for a partition that holds a kind which the application cannot read: its streams could not be loaded. Reads
    /// the counts of segments and the newest events, not every event.
    package static func admit(_ reader: any PartitionReader, _ upcasters: UpcasterChain) throws {
        let obstacles = Set(try reader.kinds().map(\.kind)).sorted().compactMap { upcasters.obstacle(to: $0) }
        guard !obstacles.isEmpty else { return }
        throw SchemaError(
            "partition \(reader.partition) holds events that this application cannot read: "
                + obstacles.joined(separator: "; ") + "; look with: roost schema check")
    }

    /// Why an event cannot become what its aggregate declares today; nil when it can.
    package func problem(with event: RecordedEvent) -> String? {
        let category = event.stream.category
        guard let kind = aggregates[category] else { return "no aggregate of the category '\(category)' is known" }
        do {
            try kind.read(event, decoder)
            return nil
        } catch {
            return "\(error)"
        }
    }
}
