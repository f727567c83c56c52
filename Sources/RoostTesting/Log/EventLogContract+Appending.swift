import RoostCore
import RoostLog

extension EventLogContract {
    static let appending: [Check] = [
        Check("Positions and versions count from 1 without holes") { bench in
            let writer = try await bench.claim()
            try expect(writer.head, .start, "head of an empty partition")
            let outcomes = try await writer.append(
                .sample(to: "stock/a", command: "1", events: 2), .sample(to: "stock/b", command: "1"))
            try expect(outcomes, [.committed(2, at: 2), .committed(1, at: 3)], "first batch")
            let more = try await writer.append(.sample(to: "stock/a", command: "2"))
            try expect(more, [.committed(3, at: 4)], "second batch")
            try expect(writer.head, Position(4), "head")
            let events = try bench.everything()
            try expect(events.map(\.position.rawValue), [1, 2, 3, 4], "positions")
            try expect(events.map(\.version.rawValue), [1, 2, 1, 3], "versions")
            await writer.close()
        },
        Check("A stale expected version is answered with the actual one and stores nothing") { bench in
            let writer = try await bench.claim()
            let first = try await writer.append(
                .sample(to: "stock/a", command: "1", expecting: .noStream),
                .sample(to: "stock/a", command: "2", expecting: .exactly(StreamVersion(1))),
                .sample(to: "stock/a", command: "3", expecting: .noStream),
                .sample(to: "stock/b", command: "1", expecting: .exactly(StreamVersion(1))),
                .sample(to: "stock/a", command: "4", expecting: .any))
            try expect(
                first,
                [.committed(1, at: 1), .committed(2, at: 2), .conflict(2), .conflict(0), .committed(3, at: 3)],
                "one batch")
            let later = try await writer.append(.sample(to: "stock/a", command: "5", expecting: .noStream))
            try expect(later, [.conflict(3)], "a later batch")
            try expect(bench.everything().map(\.commandID.description), ["1", "2", "4"], "stored commands")
            await writer.close()
        },
        Check("All 512 events of one command are stored together, next to each other") { bench in
            let writer = try await bench.claim()
            _ = try await writer.append(
                .sample(to: "stock/a", command: "1"), .sample(to: "stock/b", command: "big", events: 512),
                .sample(to: "stock/a", command: "2"))
            let events = try bench.everything()
            try expect(events.count, 514, "events")
            try expect(events[1...512].allSatisfy { $0.commandID.description == "big" }, "the command was split")
            try expect(bench.reader().version(of: events[1].stream), StreamVersion(512), "version")
            await writer.close()
        },
        Check("Every field of an event comes back as it was proposed") { bench in
            let writer = try await bench.claim()
            let cause = EventID(bits: 77)
            let proposal = Proposal.sample(
                to: "stock/ä", command: "k", events: 2, type: "Ümlaut", payload: #"{"π":3}"#, fingerprint: .max,
                correlation: 9, causation: cause, depth: 7, traceparent: "00-ab-cd-01", subject: "person/1",
                isImported: true)
            _ = try await writer.append([proposal], at: Timestamp(nanoseconds: 42))
            let event = try require(bench.everything().last, "event")
            try expect(event.eventID, proposal.events[1].eventID, "event ID")
            try expect(event.stream, proposal.context.stream, "stream")
            try expect(event.type, "Ümlaut", "type")
            try expect(event.payload.text, #"{"π":3}"#, "payload")
            try expect(event.fingerprint, .max, "fingerprint")
            try expect(event.correlationID, proposal.context.correlationID, "correlation ID")
            try expect(event.causationID, cause, "causation ID")
            try expect(event.commandID.description, "k", "command ID")
            try expect(event.depth, 7, "depth")
            try expect(event.traceparent, "00-ab-cd-01", "traceparent")
            try expect(event.subject, "person/1", "subject")
            try expect(event.isImported, true, "imported")
            try expect(event.occurred, proposal.events[1].occurred, "occurred")
            try expect(event.recorded, Timestamp(nanoseconds: 42), "recorded")
            try expect(event.epoch, writer.epoch, "epoch")
            await writer.close()
        },
        Check("What append hands over is what reading returns, byte for byte") { bench in
            let writer = try await bench.claim()
            for proposals in [
                [Proposal.sample(to: "stock/a", command: "1"), .sample(to: "stock/b", command: "1", events: 3)],
                [.sample(to: "stock/a", command: "2", expecting: .noStream), .sample(to: "stock/c", command: "1")],
            ] {
                let batch = AppendBatch()
                for proposal in proposals { batch.add(proposal) }
                let before = writer.head
                try await writer.append(batch, at: Timestamp(seconds: 5))
                let stored = try bench.reader().events(after: before, limit: 100)
                try expect(batch.committed.map(\.canonicalBytes.array), stored.map(\.canonicalBytes.array), "bytes")
            }
            await writer.close()
        },
        Check("A payload of 1 MiB is stored whole") { bench in
            let writer = try await bench.claim()
            let payload = String(repeating: "x", count: EventLimits.payloadBytesMax)
            _ = try await writer.append(.sample(to: "stock/a", command: "1", payload: payload))
            try expect(bench.everything().first?.payload.text == payload, "the payload changed")
            await writer.close()
        },
        Check("Recorded time never decreases when the clock does") { bench in
            let writer = try await bench.claim()
            for (index, second) in [50, 20, 60].enumerated() {
                _ = try await writer.append(
                    [.sample(to: "stock/a", command: "\(index)")], at: Timestamp(seconds: Int64(second)))
            }
            await writer.close()
            let next = try await bench.claim(2)
            _ = try await next.append([.sample(to: "stock/a", command: "last")], at: Timestamp(seconds: 1))
            let recorded = try bench.everything().map { $0.recorded.nanoseconds / 1_000_000_000 }
            try expect(recorded, [50, 50, 60, 60], "recorded seconds")
            await next.close()
        },
        Check("Partitions are independent of each other") { bench in
            let (left, right) = (PartitionID(0), PartitionID(2))
            let first = try await bench.log.claim(left, .sample())
            let second = try await bench.log.claim(right, .sample())
            _ = try await first.append(.sample(to: "cart/1", command: "same"))
            let outcomes = try await second.append(.sample(to: "stock/1", command: "same"))
            try expect(outcomes, [.committed(1, at: 1)], "the same command ID elsewhere")
            _ = try await bench.log.claim(left, .sample(2)).close()
            try await second.confirmEpoch()
            try expect(bench.log.reader(PartitionID(1)).head().position, .start, "head of an untouched partition")
            let missing = try await failure("a partition outside the log") { _ = try bench.log.reader(PartitionID(3)) }
            try expect(missing, .missing, "code")
            await first.close()
            await second.close()
        },
    ]
}
