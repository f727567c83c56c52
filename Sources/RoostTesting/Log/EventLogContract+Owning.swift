import RoostCore
import RoostLog

extension EventLogContract {
    static let owning: [Check] = [
        Check("Every claim gets the next epoch and is what readers see") { bench in
            try expect(bench.reader().claim(), nil, "claim of a new log")
            let first = try await bench.claim(1)
            try expect(first.epoch, Epoch(1), "first epoch")
            await first.close()
            let second = try await bench.reopened().claim(2)
            try expect(second.epoch, Epoch(2), "second epoch")
            var expected = Claim.sample(2)
            expected.epoch = Epoch(2)
            try expect(bench.reader().claim(), expected, "claim")
            try expect(bench.reader().claims().map(\.process), ["process-1", "process-2"], "claims")
            await second.close()
        },
        Check("An older epoch is refused at append, and stores nothing") { bench in
            let old = try await bench.claim(1)
            _ = try await old.append(.sample(to: "stock/a", command: "1"))
            let new = try await bench.reopened().claim(2)
            let code = try await failure("append of the old owner") {
                _ = try await old.append(.sample(to: "stock/a", command: "2"))
            }
            try expect(code, .fenced, "code")
            try expect(await new.append(.sample(to: "stock/a", command: "2")), [.committed(2, at: 2)], "new owner")
            let again = try await failure("a second append of the old owner") {
                _ = try await old.append(.sample(to: "stock/a", command: "3"))
            }
            try expect(again, .fenced, "code")
            try expect(bench.everything().count, 2, "events")
            await old.close()
            await new.close()
        },
        Check("An older epoch is refused by confirmEpoch; the newest is not") { bench in
            let old = try await bench.claim(1)
            try await old.confirmEpoch()
            let new = try await bench.claim(2)
            try expect(await failure("old epoch") { try await old.confirmEpoch() }, .fenced, "code")
            try await new.confirmEpoch()
            await old.close()
            await new.close()
        },
        Check("A batch that stores nothing still checks the epoch") { bench in
            let old = try await bench.claim(1)
            let command = Proposal.sample(to: "stock/a", command: "1")
            _ = try await old.append(command)
            let head = old.head
            guard case .duplicate = try await old.append(command).first else {
                throw ContractViolation("not a duplicate")
            }
            try expect(old.head, head, "head after a batch that stored nothing")
            let new = try await bench.claim(2)
            try expect(await failure("duplicate") { _ = try await old.append(command) }, .fenced, "code")
            try expect(await failure("no entries") { _ = try await old.append() }, .fenced, "code")
            await old.close()
            await new.close()
        },
        Check("A new owner goes on where the old one ended") { bench in
            var bench = bench
            for epoch in 1...3 as ClosedRange<UInt64> {
                bench = try await bench.reopened()
                let writer = try await bench.claim(epoch)
                try expect(writer.head, Position(epoch - 1), "head")
                let outcome = try await writer.append(
                    .sample(to: "stock/a", command: "\(epoch)", expecting: .exactly(StreamVersion(epoch - 1))))
                try expect(outcome, [.committed(epoch, at: epoch)], "append")
                await writer.close()
            }
            try expect(bench.everything().map(\.epoch.rawValue), [1, 2, 3], "epochs")
        },
    ]
}
