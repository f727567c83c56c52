import RoostCore
import RoostLog

extension EventLogContract {
    static let commands: [Check] = [
        Check("A repeated command stores nothing and gets the first answer, in whatever batch it comes") { bench in
            let writer = try await bench.claim()
            let command = Proposal.sample(to: "stock/a", command: "x", expecting: .noStream, events: 3)
            let first = try await writer.append(.sample(to: "stock/b", command: "1"), command, command)
            let answer = Receipt(
                events: 3, version: StreamVersion(3), position: Position(4), fingerprint: command.context.fingerprint,
                correlationID: command.context.correlationID)
            try expect(first, [.committed(1, at: 1), .committed(3, at: 4), .duplicate(answer)], "one batch")
            _ = try await writer.append(.sample(to: "stock/a", command: "y"))
            try expect(await writer.append(command), [.duplicate(answer)], "a later batch")
            try expect(bench.everything().count, 5, "events")
            await writer.close()
        },
        Check("A repeated command gets the first answer after a new claim and a restart") { bench in
            var bench = bench
            let command = Proposal.sample(to: "stock/a", command: "x", events: 2)
            let first = try await bench.claim()
            _ = try await first.append(.sample(to: "stock/a", command: "w"), command)
            _ = try await first.append(.sample(to: "stock/a", command: "y"))
            await first.close()
            let answer = Receipt(
                events: 2, version: StreamVersion(3), position: Position(3), fingerprint: command.context.fingerprint,
                correlationID: command.context.correlationID)
            for number in 2..<4 as Range<UInt64> {
                bench = try await bench.reopened()
                let writer = try await bench.claim(number)
                try expect(await writer.append(command), [.duplicate(answer)], "claim \(number)")
                await writer.close()
            }
            try expect(bench.everything().count, 4, "events")
        },
        Check("The same command ID with other content is refused") { bench in
            let writer = try await bench.claim()
            let outcomes = try await writer.append(
                .sample(to: "stock/a", command: "x", fingerprint: 1),
                .sample(to: "stock/a", command: "x", fingerprint: 2))
            try expect(outcomes, [.committed(1, at: 1), .commandIDReused], "one batch")
            try expect(
                await writer.append(.sample(to: "stock/a", command: "x", fingerprint: 3)), [.commandIDReused],
                "a later batch")
            await writer.close()
            let next = try await bench.reopened().claim(2)
            try expect(
                await next.append(.sample(to: "stock/a", command: "x", fingerprint: 2)), [.commandIDReused],
                "after a restart")
            await next.close()
        },
        Check("A command ID belongs to its stream: another stream may use it") { bench in
            let writer = try await bench.claim()
            let outcomes = try await writer.append(
                .sample(to: "stock/a", command: "x"), .sample(to: "stock/b", command: "x"))
            try expect(outcomes, [.committed(1, at: 1), .committed(1, at: 2)], "outcomes")
            await writer.close()
        },
        Check("A command that conflicted is not remembered") { bench in
            let writer = try await bench.claim()
            _ = try await writer.append(.sample(to: "stock/a", command: "1"))
            let stale = Proposal.sample(to: "stock/a", command: "2", expecting: .noStream)
            try expect(await writer.append(stale), [.conflict(1)], "conflict")
            var again = stale
            again.expected = .exactly(StreamVersion(1))
            try expect(await writer.append(again), [.committed(2, at: 2)], "decided again")
            await writer.close()
        },
        Check("A duplicate is recognised before its expected version is compared") { bench in
            let writer = try await bench.claim()
            let command = Proposal.sample(to: "stock/a", command: "1", expecting: .noStream)
            _ = try await writer.append(command)
            guard case .duplicate = try await writer.append(command).first else {
                throw ContractViolation("a retry was answered with a conflict")
            }
            await writer.close()
        },
        Check("A receipt is found by command ID, and only in its own stream") { bench in
            let writer = try await bench.claim()
            let command = Proposal.sample(to: "stock/a", command: "x", events: 3, correlation: 8)
            _ = try await writer.append(.sample(to: "stock/b", command: "y"), command)
            let reader = try bench.reader()
            let receipt = try require(
                reader.receipt(of: command.context.commandID, in: command.context.stream), "receipt")
            try expect(receipt.events, 3, "events")
            try expect(receipt.version, StreamVersion(3), "version")
            try expect(receipt.position, Position(4), "position")
            try expect(receipt.correlationID, command.context.correlationID, "correlation ID")
            let other = Proposal.sample(to: "stock/b", command: "z").context
            try expect(reader.receipt(of: command.context.commandID, in: other.stream), nil, "in another stream")
            try expect(reader.receipt(of: other.commandID, in: command.context.stream), nil, "an unknown command")
            await writer.close()
        },
    ]
}
