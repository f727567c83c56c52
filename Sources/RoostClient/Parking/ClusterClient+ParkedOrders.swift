package import RoostCore
package import RoostNode

extension ClusterClient {
    /// How long an order may lie without any progress.
    private static let orderPatience = Duration.seconds(60)

    /// Has the processes of projections do something about parked events; ends when each has. `streams` says which, nil for all;
    /// `progress` gets the events done so far. An order that nobody carries out is taken back.
    package func order(
        _ action: ParkingOrder.Action, _ stream: StreamName?, in projections: [String], onlyFirst: Bool = false,
        progress: (UInt64) -> Void
    ) async throws -> ParkedOrderDocument {
        var streams: [ParkedOrderDocument.Stream] = []
        for projection in projections {
            let done = streams.reduce(0) { $0 + $1.events }
            let first = onlyFirst ? try parkedStreams(in: projection).first { $0.stream == stream?.description } : nil
            guard !onlyFirst || first != nil else { continue }
            let order = ParkingOrder(
                id: "\(now().nanoseconds)", action, stream: stream?.description, through: first?.position)
            let answer = try await carryOut(order, in: projection) { progress(done + $0) }
            streams += answer.streams.map { ParkedOrderDocument.Stream($0, in: projection) }
        }
        return ParkedOrderDocument(
            action: action.rawValue, events: streams.reduce(0) { $0 + $1.events }, streams: streams)
    }

    private func carryOut(
        _ order: ParkingOrder, in projection: String, _ progress: (UInt64) -> Void
    ) async throws -> ParkingAnswer {
        let desk = ParkingDesk(projection: databases.directory(ofProjection: projection))
        try refuseResting(projection)
        try desk.place(order)
        do {
            let answer = try await answer(to: order, at: desk, projection, progress)
            try desk.clear(order.id)
            return answer
        } catch {
            try desk.clear(order.id)
            throw error
        }
    }

    private func answer(
        to order: ParkingOrder, at desk: ParkingDesk, _ projection: String, _ progress: (UInt64) -> Void
    ) async throws -> ParkingAnswer {
        let clock = ContinuousClock()
        var (newest, changed): (ParkingAnswer?, ContinuousClock.Instant) = (nil, clock.now)
        while clock.now - changed < Self.orderPatience {
            let answer = try desk.answer(to: order.id)
            if let answer, answer.isDone { return answer }
            if answer != newest {
                (newest, changed) = (answer, clock.now)
                progress(answer?.events ?? 0)
            } else {
                try refuseResting(projection)
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw ClientError(
            .notReady, code: "notCarriedOut",
            "\(projection) does nothing about it; what it has done so far stays, the rest is taken back",
            hint: "roost ps")
    }

    private func refuseResting(_ projection: String) throws {
        guard let state = try resting()[projection] else { return }
        throw ClientError(
            .runState, code: "notRunning", "\(projection) is \(state): its own process alone changes its tables",
            hint: "roost start \(projection)")
    }
}

extension ParkedOrderDocument.Stream {
    init(_ stream: ParkingAnswer.Stream, in projection: String) {
        self.init(
            projection: projection, stream: stream.stream, events: stream.events,
            refused: stream.refused.map {
                ParkedOrderDocument.Refused(
                    partition: $0.partition, position: $0.position, type: $0.type, reason: $0.reason)
            })
    }
}
