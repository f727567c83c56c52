import Crypto
import RoostCore
import RoostLog

extension EventLogContract {
    static let proving: [Check] = [
        Check("Commits follow each other without hole, and their digests chain over the canonical bytes") { bench in
            var bench = bench
            for epoch in 1...2 as ClosedRange<UInt64> {
                bench = try await bench.reopened()
                let writer = try await bench.claim(epoch)
                for number in 0..<3 {
                    _ = try await writer.append(
                        .sample(to: "stock/a", command: "\(epoch)-\(number)", events: number + 1),
                        .sample(to: "stock/a", command: "\(epoch)-\(number)-stale", expecting: .noStream))
                }
                await writer.close()
            }
            let (reader, events) = (try bench.reader(), try bench.everything())
            var (digest, next): ([UInt8], UInt64) = ([], 1)
            while next <= 12 {
                let commit = try require(reader.commit(holding: Position(next)), "commit of position \(next)")
                try expect(commit.first, Position(next), "first position")
                try expect(reader.commit(holding: commit.last), commit, "commit of its last position")
                var hash = SHA256()
                hash.update(data: digest)
                for event in events[Int(commit.first.rawValue) - 1..<Int(commit.last.rawValue)] {
                    hash.update(data: event.canonicalBytes.array)
                    try expect(event.epoch, commit.epoch, "epoch")
                    try expect(event.recorded, commit.recorded, "recorded time")
                }
                digest = Array(hash.finalize())
                try expect(commit.digest, digest, "digest of the commit up to \(commit.last)")
                next = commit.last.rawValue + 1
            }
            try expect(reader.head(), LogHead(position: Position(12), epoch: Epoch(2), digest: digest), "head")
            try expect(reader.commit(holding: Position(13)), nil, "commit beyond the head")
            try expect(reader.commit(holding: .start), nil, "commit of position 0")
        },
        Check("What was written verifies clean, and verifying says how far it is") { bench in
            let writer = try await bench.claim()
            for number in 0..<40 {
                _ = try await writer.append(
                    .sample(to: "stock/\(number % 7)", command: "\(number)", events: 10),
                    .sample(to: "stock/x", command: "\(number / 2)"))
            }
            await writer.close()
            let next = try await bench.reopened().claim(2)
            _ = try await next.append(.sample(to: "stock/x", command: "later"))
            var reached = Position.start
            let findings = try bench.reader().verify { reached = $0 }
            try expect(findings, [], "findings")
            try expect(reached, Position(421), "progress")
            await next.close()
        },
    ]
}
