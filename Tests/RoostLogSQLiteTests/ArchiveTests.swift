import Foundation
import OtherPrograms
import RoostArchive
import RoostCore
import RoostLog
import RoostTesting
import Synchronization
import Testing

@testable import RoostLogSQLite

@Suite("A log with archives")
struct ArchiveTests {
    @Test(
        "keeps the contract of every log although only its newest commit is in its file",
        arguments: EventLogContract.checks)
    func keepsTheContract(_ check: EventLogContract.Check) async throws {
        let made = Mutex<LogOnDisk?>(nil)
        defer { made.withLock { $0 = nil } }
        try await check.run(
            on: .init(
                make: { _ in
                    let disk = try LogOnDisk()
                    made.withLock { $0 = disk }
                    return ArchivingLog(disk)
                },
                reopen: { log in
                    try made.withLock { disk in try disk.map { ArchivingLog($0, reopened: try $0.reopened()) } } ?? log
                }))
    }

    @Test("answers everything as before, and its file holds none of the archived events")
    func answersAsBefore() async throws {
        let disk = try LogOnDisk()
        let writer = try await disk.claim()
        try await writer.fill(3000, streams: 40)
        let before = try Answers(disk.reader)
        let entries = try await disk.archive(with: writer)
        #expect(entries.map(\.first) == [Position(1)] && entries.map(\.last) == [Position(2560)])
        #expect(try disk.firstRow() == Position(2561))
        #expect(try Answers(disk.reader) == before)
        #expect(try Answers(disk.reopened().reader(LogOnDisk.partition)) == before)
        #expect(try disk.reader.verify { _ in } == [])
        try await writer.fill(1000, streams: 40, prefix: "d")
        try await disk.archive(with: writer)
        #expect(try disk.reader.events(after: Position(2400), limit: 10_000).count == 1600)
        #expect(try disk.reader.verify { _ in } == [])
        await writer.close()
    }

    @Test("is read by DuckDB to its end through the view beside it: the counts are the log's", .timeLimit(.minutes(2)))
    func duckDB() async throws {
        struct Found: Decodable {
            struct Partition: Decodable, Equatable { let partition, first, last, positions: UInt64 }
            let types: [String: UInt64]
            let payloads: UInt64
            let days: [String]
            let partitions: [Partition]
        }
        let disk = try LogOnDisk()
        let writer = try await disk.claim()
        try await writer.fill(70_000)
        _ = try await writer.append(
            [.sample(to: "stock/1", command: "other day")], at: Timestamp(seconds: 1_700_100_000))
        _ = try await writer.append([.sample(to: "stock/1", command: "newest")], at: Timestamp(seconds: 1_700_100_001))
        let place = DirectoryPlace(path: disk.archivePath)
        let entries = try await disk.archive(to: place, with: writer)
        #expect(entries.map(\.last.rawValue) == [65_536, 70_000, 70_001])
        let view = "\(disk.path)/view.sql"
        try Data(ArchiveSQL.duckDB(place.location).utf8).write(to: URL(fileURLWithPath: view))
        let found = try JSONDecoder().decode(Found.self, from: PythonScript.run("duckdb_counts.py", view))
        #expect(try found.types == disk.reader.counts(through: Position(70_001)))
        #expect(found.partitions == [.init(partition: 2, first: 1, last: 70_001, positions: 70_001)])
        #expect(found.payloads == 70_001)
        #expect(found.days == ["2023-11-14", "2023-11-16"])
        await writer.close()
    }

    @Test("knows a command of an archived event after it was claimed anew")
    func archivedCommands() async throws {
        let disk = try LogOnDisk()
        let writer = try await disk.claim()
        try await writer.fill(600, streams: 7)
        try await disk.archive(with: writer)
        await writer.close()
        let next = try await disk.claim(2)
        let outcomes = try await next.append(
            [
                .sample(to: "stock/3", command: "c10", type: "Other", correlation: 5),
                .sample(to: "stock/3", command: "c10", type: "Other", payload: "{}", correlation: 5),
                .sample(to: "stock/3", command: "new"),
            ], at: Timestamp(seconds: 1_700_000_001))
        guard case .duplicate(let receipt) = outcomes[0] else { Issue.record("\(outcomes[0])"); return }
        #expect(receipt.position == Position(11) && receipt.version == StreamVersion(2))
        #expect(outcomes[1] == .commandIDReused)
        #expect(outcomes[2] == .committed(version: StreamVersion(87), position: Position(601)))
        await next.close()
    }

    @Test("archives by time: what was recorded later stays, and every day has files of its own")
    func byDay() async throws {
        let disk = try LogOnDisk()
        let writer = try await disk.claim()
        let noon = Timestamp("2026-03-01T12:00:00Z") ?? Timestamp(seconds: 0)
        for day in 0..<4 {
            for hour in 0..<3 {
                let at = noon + .seconds(day * 86_400 + hour * 3600)
                _ = try await writer.append([.sample(to: "stock/1", command: "\(day)-\(hour)", events: 2)], at: at)
            }
        }
        let entries = try await disk.archive(before: noon + .seconds(2 * 86_400 + 3600), with: writer)
        #expect(
            entries.map(\.name) == [
                "partition=2/date=2026-03-01/1-6.jsonl.gz", "partition=2/date=2026-03-02/7-12.jsonl.gz",
                "partition=2/date=2026-03-03/13-14.jsonl.gz",
            ])
        #expect(try disk.firstRow() == Position(15))
        #expect(try await disk.archive(before: noon, with: writer) == [])
        #expect(try disk.reader.verify { _ in } == [])
        await writer.close()
    }

    @Test("says which archive is damaged, whichever byte was flipped, and gives nothing of that block out")
    func flippedBytes() async throws {
        let disk = try LogOnDisk()
        let writer = try await disk.claim()
        try await writer.fill(2000, streams: 5)
        let entry = try #require(try await disk.archive(with: writer).first)
        let path = "\(disk.archivePath)/\(entry.name)"
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        for offset in stride(from: 0, to: whole.count, by: 977) {
            var damaged = whole
            damaged[offset] ^= 4
            try damaged.write(to: URL(fileURLWithPath: path))
            let finding = try #require(try disk.reopened().reader(LogOnDisk.partition).verify { _ in }.first)
            #expect(finding.problem.contains(path) && finding.problem.contains("has changed"), "byte \(offset)")
        }
        try whole.prefix(whole.count - 1).write(to: URL(fileURLWithPath: path))
        let short = try #require(try disk.reopened().reader(LogOnDisk.partition).verify { _ in }.first)
        #expect(short.problem.contains("fewer bytes"))
        try whole.write(to: URL(fileURLWithPath: path))
        #expect(try disk.reopened().reader(LogOnDisk.partition).verify { _ in } == [])
        await writer.close()
    }

    @Test("refuses a manifest that is not the one it knows, and says what is missing and where it may be")
    func otherManifests() async throws {
        let disk = try LogOnDisk()
        let writer = try await disk.claim()
        try await writer.fill(1000)
        let entry = try #require(try await disk.archive(with: writer).first)
        let path = "\(disk.archivePath)/\(entry.manifestName)"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
        let damaged = #expect(throws: EventLogError.self) {
            try disk.reopened().reader(LogOnDisk.partition).events(after: .start, limit: 1)
        }
        #expect(damaged?.code == .corrupt && damaged?.message.contains(entry.manifestName) == true)
        try FileManager.default.moveItem(atPath: disk.archivePath, toPath: disk.archivePath + "-moved")
        let missing = #expect(throws: EventLogError.self) {
            try disk.reopened().reader(LogOnDisk.partition).events(after: .start, limit: 1)
        }
        #expect(missing?.code == .unavailable)
        #expect(missing?.message.contains("roost archive moved '\(disk.archivePath)' NEW") == true)
        // What is in the file needs no archive.
        #expect(try disk.reopened().reader(LogOnDisk.partition).events(after: Position(512), limit: 1000).count == 488)
        let known = try await writer.append([.sample(to: "stock/999", command: "after")], at: Timestamp(seconds: 1))
        #expect(known == [.committed(version: StreamVersion(2), position: Position(1001))])
        await writer.close()
    }

    @Test("refuses an order that does not fit or that its owner cannot read, says why, and changes nothing")
    func unfitOrders() async throws {
        let disk = try LogOnDisk()
        let writer = try await disk.claim()
        try await writer.fill(1500)
        let archiver = LogArchiver(of: disk.log)
        let found = try archiver.range(of: LogOnDisk.partition, before: Timestamp(nanoseconds: .max))
        let range = try #require(found)
        let place = DirectoryPlace(path: disk.archivePath)
        let entries = try archiver.write(range, to: place, report: { _ in }, stored: {})
        let file = try disk.log.file(LogOnDisk.partition)
        func refusal(_ order: () throws -> Void) async throws -> String? {
            try order()
            try disk.log.admitArchives(LogOnDisk.partition)
            while try await writer.tend() {}
            #expect(try disk.firstRow() == Position(1))
            #expect(!ArchiveOrder.isPending(file))
            return ArchiveOrder.refusal(file)
        }
        let otherDigest = try await refusal { try ArchiveOrder(entries, digest: "00").place(file) }
        #expect(otherDigest == "the archives do not match the log at position 1024")
        let path = "\(disk.partitionPath).archive"
        let noOrder = try await refusal { try Data("{".utf8).write(to: URL(fileURLWithPath: path)) }
        #expect(noOrder?.contains("cannot be read") == true)
        let manifest = "\(disk.archivePath)/\(entries[0].manifestName)"
        try FileManager.default.moveItem(atPath: manifest, toPath: manifest + "-away")
        let away = try await refusal { try archiver.order(entries, range) }
        #expect(away?.contains("is missing") == true, "\(away ?? "")")
        try FileManager.default.moveItem(atPath: manifest + "-away", toPath: manifest)
        try archiver.order(entries, range)
        try disk.log.admitArchives(LogOnDisk.partition)
        while try await writer.tend() {}
        #expect(try archiver.progress(of: range, entries) == .taken(rowsLeft: 0))
        // The same order once more, as after a crash before it was removed.
        try archiver.order(entries, range)
        try disk.log.admitArchives(LogOnDisk.partition)
        while try await writer.tend() {}
        #expect(try archiver.progress(of: range, entries) == .taken(rowsLeft: 0))
        #expect(try disk.reader.verify { _ in } == [])
        await writer.close()
    }

    @Test("keeps streams apart whose names only look the same")
    func canonicalNames() async throws {
        let disk = try LogOnDisk()
        let writer = try await disk.claim()
        let names = ["stock/\u{E9}", "stock/e\u{301}"]
        for round in 0..<4 {
            for (number, name) in names.enumerated() {
                let outcomes = try await writer.append(
                    [.sample(to: name, command: "\(round)-\(number)", payload: "[\(number)]")],
                    at: Timestamp(seconds: Int64(round)))
                #expect(
                    outcomes == [
                        .committed(
                            version: StreamVersion(UInt64(round + 1)),
                            position: Position(UInt64(2 * round + number + 1)))
                    ])
            }
        }
        #expect(try disk.reader.verify { _ in } == [])
        try await disk.archive(with: writer)
        for reader in [try disk.reader, try disk.reopened().reader(LogOnDisk.partition)] {
            for (number, name) in names.enumerated() {
                let events = try reader.events(of: StreamName(unchecked: name), from: StreamVersion(1), limit: 10)
                #expect(events.map(\.version.rawValue) == [1, 2, 3, 4])
                #expect(events.allSatisfy { $0.payload.text == "[\(number)]" })
            }
            #expect(try reader.verify { _ in } == [])
        }
        await writer.close()
    }

    @Test("leaves no archive behind that an interrupted run had written and the log does not read")
    func leftovers() async throws {
        let disk = try LogOnDisk()
        let writer = try await disk.claim()
        try await writer.fill(1000)
        let archiver = LogArchiver(of: disk.log)
        let place = DirectoryPlace(path: disk.archivePath)
        let found = try archiver.range(of: LogOnDisk.partition, before: Timestamp(nanoseconds: .max))
        // Ends here: nobody is told.
        _ = try archiver.write(try #require(found), to: place, report: { _ in }, stored: {})
        try await writer.fill(1000, prefix: "more")
        try archiver.clean(LogOnDisk.partition) { address throws(EventLogError) in DirectoryPlace(path: address) }
        try await disk.archive(to: place, with: writer)
        // A place that is not this log's any more is left as it is.
        var plan = ArchivePlan(place: disk.archivePath)
        let other = ArchiveEntry(
            first: Position(7), last: Position(9), recordedFrom: Timestamp(seconds: 0),
            recordedTo: Timestamp(seconds: 0),
            place: place.address, name: "other.jsonl.gz", bytes: 1, manifestBytes: 1, manifestSHA256: "")
        try place.write([1], to: other.name)
        try plan.add(other, disk.log.file(LogOnDisk.partition))
        try archiver.clean(LogOnDisk.partition) { _ throws(EventLogError) in nil }
        #expect(try place.read(other.name) == [1])
        try place.remove(other.name)
        let files = try FileManager.default.subpathsOfDirectory(atPath: disk.archivePath).filter { $0.hasSuffix(".gz") }
        #expect(
            files.sorted() == [
                "partition=2/date=2023-11-14/1-1512.jsonl.gz", "partition=2/date=2023-11-14/_1-1512.manifest.json.gz",
            ])
        await writer.close()
    }

    @Test("keeps what it reads, by whatever address the place was named when it was written")
    func otherAddress() async throws {
        let disk = try LogOnDisk()
        let writer = try await disk.claim()
        try await writer.fill(1000)
        let link = disk.path + "/link"
        try FileManager.default.createDirectory(atPath: disk.archivePath, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: disk.archivePath)
        let entries = try await disk.archive(to: DirectoryPlace(path: link), with: writer)
        // A plan of an interrupted run that named the same files by another address.
        var plan = ArchivePlan(place: disk.archivePath)
        try plan.add(try #require(entries.first), disk.log.file(LogOnDisk.partition))
        try LogArchiver(of: disk.log).clean(LogOnDisk.partition) { address throws(EventLogError) in
            DirectoryPlace(path: address)
        }
        #expect(ArchivePlan.find(try disk.log.file(LogOnDisk.partition)) == nil)
        #expect(try disk.reopened().reader(LogOnDisk.partition).verify { _ in } == [])
        await writer.close()
    }

    @Test("is verified without its archives where only its file is to be trusted")
    func fileAlone() async throws {
        let disk = try LogOnDisk()
        let writer = try await disk.claim()
        try await writer.fill(66_600, streams: 10)
        try await disk.archive(with: writer)
        try await writer.fill(3000, streams: 15, prefix: "more")
        try FileManager.default.moveItem(atPath: disk.archivePath, toPath: disk.archivePath + "-away")
        let reader = try disk.log.sqliteReader(LogOnDisk.partition)
        #expect(try reader.verify(fileAlone: true) { _ in } == [])
        #expect(try reader.verify { _ in }.map(\.position) == [Position(1)])
        let backup = disk.path + "/backup"
        try FileManager.default.createDirectory(atPath: backup, withIntermediateDirectories: true)
        #expect(try LogBackup(of: disk.log).copy(to: backup) { _ in }[LogOnDisk.partition] == reader.head())
        #expect(disk.sql("UPDATE marks SET position = 1 WHERE version = (SELECT max(version) FROM marks)") == nil)
        #expect(try reader.verify(fileAlone: true) { _ in }.contains { $0.problem.contains("no mark") })
        await writer.close()
    }

    @Test("is found intact by a verification during which its newest segment is cut")
    func verifiedDuringACut() async throws {
        let disk = try LogOnDisk()
        let writer = try await disk.claim()
        try await writer.fill(30_000)
        // What verify looks at is one state per page, and the cut comes between the first pages.
        let hasCut = Mutex(false)
        let archived = Mutex<[ArchiveEntry]>([])
        let reader = try disk.reopened().reader(LogOnDisk.partition)
        let cutting = Task {
            while !hasCut.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(1)) }
            let entries = try await disk.archive(with: writer)
            archived.withLock { $0 = entries }
            try await writer.fill(70_000, prefix: "more")
        }
        let findings = try reader.verify { position in
            guard position == Position(10_000) else { return }
            hasCut.withLock { $0 = true }
            while archived.withLock({ $0.isEmpty }) { usleep(1000) }
        }
        #expect(findings == [])
        try await cutting.value
        #expect(try reader.verify { _ in } == [])
        await writer.close()
    }

    @Test("does not write over an archive of other events")
    func otherEvents() async throws {
        let disks = try (0..<2).map { _ in try LogOnDisk() }
        let place = DirectoryPlace(path: disks[0].archivePath)
        for (number, disk) in disks.enumerated() {
            let writer = try await disk.claim()
            try await writer.fill(1000, prefix: "log\(number)-")
            if number == 0 {
                try await disk.archive(to: place, with: writer)
            } else {
                let refused = await #expect(throws: EventLogError.self) {
                    try await disk.archive(to: place, with: writer)
                }
                #expect(refused?.message.contains("is there already") == true)
            }
            await writer.close()
        }
        #expect(try disks[0].reader.verify { _ in } == [])
    }
}

/// What a reader says about a partition of `fill`.
private struct Answers: Equatable {
    var events: [[UInt8]] = []
    var streams: [[UInt8]] = []
    var chains: [[UInt8]] = []
    var found: [Position?] = []
    var receipts: [Receipt?] = []
    var counts: [[String: UInt64]] = []
    var kinds: [String: UInt64] = [:]

    init(_ reader: any PartitionReader) throws {
        let all = try reader.events(after: .start, limit: 10_000)
        events = all.map(\.canonicalBytes.array)
        for number in 0..<40 {
            let stream = StreamName(unchecked: "stock/\(number)")
            streams += try reader.events(of: stream, from: StreamVersion(20), limit: 50).map(\.canonicalBytes.array)
        }
        for event in [all[0], all[700], all[701], all[2999]] {
            chains += try reader.events(correlation: event.correlationID).map(\.canonicalBytes.array)
            found.append(try reader.event(event.eventID)?.position)
            receipts.append(try reader.receipt(of: event.commandID, in: event.stream))
        }
        found.append(try reader.event(EventID(bits: 1))?.position)
        counts = try [0, 1, 1000, 2560, 2700, 3000].map { try reader.counts(through: Position($0)) }
        for kind in try reader.kinds() { kinds[kind.kind.description, default: 0] += kind.count }
    }
}
