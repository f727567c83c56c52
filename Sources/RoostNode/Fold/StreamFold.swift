package import RoostCore
package import RoostJSON
import RoostLog

/// What the events of one stream make of its aggregate, one after the other, its Swift types hidden.
package protocol StreamFold {
    /// Takes in the next event. Throws for one that the application does not know or cannot read.
    mutating func apply(_ event: RecordedEvent) throws
    /// The state after the events so far.
    func state() throws -> JSONValue
}

/// The fold of one type of aggregate.
struct AggregateFold<A: Aggregate>: StreamFold {
    private let vocabulary: Vocabulary<A>
    private let decoder: any PayloadDecoder
    private var current: A.State

    init(_ stream: StreamName, _ vocabulary: Vocabulary<A>, _ decoder: any PayloadDecoder) {
        self.vocabulary = vocabulary
        self.decoder = decoder
        current = A.initial(id: stream.id)
    }

    mutating func apply(_ event: RecordedEvent) throws {
        A.evolve(&current, try vocabulary.event(event, decoder))
    }

    func state() throws -> JSONValue { try JSONValue(encoding: current) }
}

extension Vocabulary {
    /// A stored event as the aggregate knows it.
    func event(_ stored: RecordedEvent, _ decoder: any PayloadDecoder) throws -> A.Event {
        guard let kind = events[stored.type] else {
            throw EventLogError(
                .invalid,
                "stream \(stored.stream) holds an event of unknown type '\(stored.type)' at version "
                    + "\(stored.version); run the version of the application that knows it")
        }
        return try stored.payload.withUnsafeBytes { try kind.decode(decoder, $0) }
    }
}
