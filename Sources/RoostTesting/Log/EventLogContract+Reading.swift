import RoostCore
import RoostLog

extension EventLogContract {
    static let reading: [Check] = [
        Check("An empty partition reads as empty") { bench in
            let reader = try bench.reader()
            let stream = Proposal.sample(to: "stock/a", command: "1").context.stream
            try expect(reader.head(), LogHead(position: .start, epoch: .none, digest: []), "head")
            try expect(reader.events(after: .start, limit: 10).count, 0, "events")
            try expect(reader.events(of: stream, from: StreamVersion(1), limit: 10).count, 0, "events of a stream")
            try expect(reader.version(of: stream), .none, "version")
            try expect(reader.counts(through: Position(9)), [:], "counts")
            try expect(reader.commit(holding: Position(1)), nil, "commit")
            try expect(reader.verify { _ in }, [], "findings")
        },
        Check("Pages follow each other without hole or overlap and are no longer than asked") { bench in
            let writer = try await bench.claim()
            for number in 0..<10 {
                _ = try await writer.append(.sample(to: "stock/\(number % 3)", command: "\(number)", events: 5))
            }
            for limit in [1, 7, 50, 1000] {
                try expect(
                    bench.everything(pageLimit: limit).map(\.position.rawValue), Array(1...50), "pages of \(limit)")
            }
            try expect(bench.reader().events(after: Position(10), limit: 7).count, 7, "events of one page")
            try expect(bench.reader().events(after: Position(50), limit: 7).count, 0, "events at the head")
            let code = try await failure("a limit of 0") { _ = try bench.reader().events(after: .start, limit: 0) }
            try expect(code, .invalid, "code")
            await writer.close()
        },
        Check("A long stream is read from any version on") { bench in
            let writer = try await bench.claim()
            for number in 0..<100 {
                _ = try await writer.append(
                    .sample(to: "stock/long", command: "\(number)", events: 4),
                    .sample(to: "stock/other-\(number)", command: "1"))
            }
            let stream = Proposal.sample(to: "stock/long", command: "1").context.stream
            for bench in [bench, try await bench.reopened()] {
                let reader = try bench.reader()
                try expect(reader.version(of: stream), StreamVersion(400), "version")
                for (from, limit) in [
                    (1, 1000), (1, 3), (127, 3), (128, 1), (200, 130), (300, 1000), (400, 9), (401, 9),
                ] {
                    let versions = try reader.events(of: stream, from: StreamVersion(UInt64(from)), limit: limit).map {
                        $0.stream == stream ? $0.version.rawValue : 0
                    }
                    let expected = Array((UInt64(from)..<401).prefix(limit))
                    try expect(versions, expected, "\(limit) from version \(from)")
                }
                try expect(reader.events(of: stream, from: .none, limit: 2).count, 2, "from version 0")
            }
            await writer.close()
        },
        Check("A chain is found by its correlation ID") { bench in
            let writer = try await bench.claim()
            _ = try await writer.append(
                .sample(to: "stock/a", command: "1", correlation: 7),
                .sample(to: "stock/b", command: "1", correlation: 8),
                .sample(to: "stock/c", command: "1", events: 2, correlation: 7))
            _ = try await writer.append(.sample(to: "stock/a", command: "2", correlation: 7))
            let chain = Proposal.sample(to: "stock/a", command: "1", correlation: 7).context.correlationID
            try expect(
                bench.reader().events(correlation: chain).map(\.position.rawValue), [1, 3, 4, 5], "positions")
            let unknown = CorrelationID(bits: 99)
            try expect(bench.reader().events(correlation: unknown).count, 0, "events of an unknown chain")
            await writer.close()
        },
        Check("Nothing comes after a position that no log reaches") { bench in
            let writer = try await bench.claim()
            _ = try await writer.append(.sample(to: "stock/a", command: "1"))
            for position in [2, UInt64(Int64.max), UInt64(Int64.max) + 1, .max] {
                try expect(bench.reader().events(after: Position(position), limit: 10).count, 0, "after \(position)")
            }
            await writer.close()
        },
        Check("An event is found by its ID") { bench in
            let writer = try await bench.claim()
            let proposal = Proposal.sample(to: "stock/b", command: "1", events: 2)
            _ = try await writer.append(.sample(to: "stock/a", command: "1"), proposal)
            try expect(bench.reader().event(proposal.events[1].eventID)?.position, Position(3), "position")
            try expect(bench.reader().event(EventID(bits: 5))?.position, nil, "an unknown event")
            await writer.close()
        },
        Check("Counts per type include the position asked for and nothing after it") { bench in
            let writer = try await bench.claim()
            _ = try await writer.append(
                .sample(to: "stock/a", command: "1", events: 2, type: "A"),
                .sample(to: "stock/a", command: "2", events: 2, type: "B"))
            let reader = try bench.reader()
            try expect(reader.counts(through: .start), [:], "through 0")
            try expect(reader.counts(through: Position(3)), ["A": 2, "B": 1], "through 3")
            try expect(reader.counts(through: Position(99)), ["A": 2, "B": 2], "beyond the head")
            await writer.close()
        },
        Check("Events of some types come in order, up to where none is missing, and never beyond the end asked for") {
            bench in
            let writer = try await bench.claim()
            _ = try await writer.append(
                .sample(to: "stock/a", command: "1", events: 2, type: "A"),
                .sample(to: "stock/a", command: "2", events: 3, type: "B"),
                .sample(to: "stock/a", command: "3", type: "C"), .sample(to: "stock/a", command: "4", type: "A"))
            let reader = try bench.reader()
            func read(_ types: Set<String>, through end: UInt64, limit: Int) throws -> [UInt64] {
                var (found, reached): ([UInt64], Position) = ([], .start)
                while reached < Position(end) {
                    let stretch = try reader.events(
                        ofTypes: types, after: reached, through: Position(end), limit: limit)
                    guard stretch.through > reached else { return found }
                    try expect(stretch.through <= Position(end), true, "an end")
                    found += stretch.events.map(\.position.rawValue)
                    reached = stretch.through
                }
                return found
            }
            for limit in [1, 2, 100] {
                try expect(read(["A", "C"], through: 7, limit: limit), [1, 2, 6, 7], "positions of A and C")
                try expect(read(["B"], through: 4, limit: limit), [3, 4], "positions of B through 4")
                try expect(read(["D"], through: 7, limit: limit), [], "positions of a type that is not there")
                try expect(read(["A"], through: 99, limit: limit), [1, 2, 7], "positions beyond the head")
            }
            await writer.close()
        },
        Check("Kinds are the types and schema versions really stored, each with the position of one event") { bench in
            let writer = try await bench.claim()
            try expect(bench.reader().kinds().count, 0, "kinds of an empty partition")
            _ = try await writer.append(
                .sample(to: "stock/a", command: "1", type: "A"),
                .sample(to: "stock/a", command: "2", events: 2, type: "B", schemaVersion: 3),
                .sample(to: "stock/a", command: "3", type: "A", schemaVersion: 2),
                .sample(to: "stock/b", command: "4", type: "A"))
            let kinds = try bench.reader().kinds()
            try expect(kinds.map(\.kind.description), ["A version 1", "B version 3", "A version 2"], "kinds")
            try expect(kinds.map(\.count), [2, 2, 1], "counts")
            try expect(kinds.map(\.first.rawValue), [1, 2, 4], "first positions")
            await writer.close()
        },
        Check("A reader opened before an append sees it afterwards") { bench in
            let reader = try bench.reader()
            let stream = Proposal.sample(to: "stock/a", command: "1").context.stream
            try expect(reader.version(of: stream), .none, "version")
            let writer = try await bench.claim()
            for number in 1...3 as ClosedRange<UInt64> {
                _ = try await writer.append(.sample(to: "stock/a", command: "\(number)"))
                try expect(reader.head().position, Position(number), "head")
                try expect(reader.version(of: stream), StreamVersion(number), "version")
            }
            await writer.close()
            try expect(reader.events(after: .start, limit: 10).count, 3, "events after the writer has closed")
        },
    ]
}
