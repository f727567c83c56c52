import RoostCore
import RoostLog

/// Carries out, a bounded step at a time, what people want done about the parked events of the projection that it serves. Between
/// two steps the projection applies what has come meanwhile, so nobody waits for a long order.
struct ParkingClerk {
    private struct Work {
        let order: ParkingOrder
        /// Streams to go through, the next one last.
        var rest: [StreamName]
        var answer: ParkingAnswer
    }

    private let desk: ParkingDesk
    private var work: Work?
    private var isNew = true
    /// The order that the life before was at, or the last one that it had.
    private var wasTaken: String?

    init(_ desk: ParkingDesk) { self.desk = desk }

    /// Does the next step; false when there is nothing to do.
    mutating func step(_ store: ProjectionStore, _ reader: (PartitionID) -> (any PartitionReader)?) throws -> Bool {
        if isNew {
            try desk.clearAnswers()
            wasTaken = try desk.taken()
        }
        if let taken = work, !desk.holds(taken.order.id) {
            try desk.clear(taken.order.id)
            work = nil
        }
        guard var work = try work ?? begin(store) else {
            isNew = false
            return false
        }
        if isNew, wasTaken == work.order.id, let place = store.diedRetrying { try bury(place, &work, store, reader) }
        isNew = false
        if let stream = work.rest.last {
            let step = try carryOut(work.order, stream, store, reader)
            if Self.note(step, stream, &work.answer) { work.rest.removeLast() }
        }
        store.forgetRetry()
        work.answer.isDone = work.rest.isEmpty
        try desk.answer(work.answer, to: work.order)
        self.work = work.answer.isDone ? nil : work
        return true
    }

    /// The order that the life before was at comes first.
    private mutating func begin(_ store: ProjectionStore) throws -> Work? {
        let orders = try desk.orders()
        guard let order = orders.first(where: { isNew && $0.id == wasTaken }) ?? orders.first else { return nil }
        try desk.take(order.id)
        let wanted = try order.stream.map { [try StreamName($0)] }
        let parked = store.parkedStreams
        return Work(
            order: order, rest: (wanted ?? parked).filter { parked.contains($0) }.reversed(),
            // Of an earlier life, which did not come to its end.
            answer: try desk.answer(to: order.id) ?? ParkingAnswer())
    }

    /// The life before ended at this very work, which is over by that: what comes before the event is applied all the same.
    private func bury(
        _ place: EventPlace, _ work: inout Work, _ store: ProjectionStore,
        _ reader: (PartitionID) -> (any PartitionReader)?
    ) throws {
        guard work.order.action != .discard, let event = try store.parkedEvent(at: place) else { return }
        let step =
            work.order.action == .retry
            ? try store.retry(upToDeathAt: event, from: reader)
            : .refused(place, type: event.type, reason: ProjectionStore.diedRetrying, after: 0)
        _ = Self.note(step, event.stream, &work.answer)
        work.rest.removeAll()
    }

    private func carryOut(
        _ order: ParkingOrder, _ stream: StreamName, _ store: ProjectionStore,
        _ reader: (PartitionID) -> (any PartitionReader)?
    ) throws -> ProjectionStore.ParkedStep {
        switch order.action {
        case .retry: try store.retry(stream, from: reader)
        case .dryRun: try store.wouldPass(stream, from: reader)
        case .discard: try store.discard(stream, through: order.through)
        }
    }

    /// True when the stream is gone through.
    private static func note(
        _ step: ProjectionStore.ParkedStep, _ stream: StreamName, _ answer: inout ParkingAnswer
    ) -> Bool {
        if answer.streams.last?.stream != stream.description {
            answer.streams.append(ParkingAnswer.Stream(stream: stream.description, events: 0))
        }
        let last = answer.streams.count - 1
        switch step {
        case .done(let events, let isLast):
            answer.streams[last].events += events
            return isLast
        case .refused(let place, let type, let reason, let events):
            answer.streams[last].events += events
            answer.streams[last].refused = ParkingAnswer.Refusal(
                partition: place.partition, position: place.position, type: type, reason: reason)
            return true
        }
    }
}
