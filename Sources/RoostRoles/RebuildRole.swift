import Foundation
import RoostCluster
import RoostCore
import RoostLog
import RoostNode
import RoostZeroMQ

/// Makes one projection again beside the live one and ends: the process `NAME@rebuild`. As `NAME@remake` it says nothing of rows:
/// what was readable in them may be erased by now.
///
/// Its last line on the status channel is the result.
struct RebuildRole {
    private enum Task: String, CaseIterable { case rebuild = "@rebuild", remake = "@remake" }

    private let setting: ProcessSetting
    private let projection: String
    private let task: Task

    /// nil unless the process is a rebuild.
    init?(_ setting: ProcessSetting) {
        guard let task = Task.allCases.first(where: { setting.name.hasSuffix($0.rawValue) }) else { return nil }
        self.setting = setting
        self.task = task
        projection = String(setting.name.dropLast(task.rawValue.count))
    }

    /// For tests and drills: a small log has several batches, and a swap several steps, too.
    static var batchEvents: Int? {
        ProcessInfo.processInfo.environment["ROOST_REBUILD_BATCH"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
    }

    func run() async throws {
        let executors = ThreadExecutors(name: setting.name)
        defer { executors.shutdown() }
        let client = try replayClient(executors)
        try await withCleanup {
            try await client?.start()
            try await untilStopped {
                try await carryOut(from: try client ?? LogPageSource(try setting.readers()), executors)
            }
        } cleanup: {
            await client?.stop()
        }
    }

    /// Told to stop it ends after its batch; the next one goes on there.
    private func untilStopped(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await body() }
            group.addTask { [stop = setting.stop] in await stop.wait() }
            try await group.next()
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError { return }
        }
    }

    private func carryOut(from source: any PageSource, _ executors: ThreadExecutors) async throws {
        let (wishes, build) = (try RebuildWishes(arguments: setting.arguments), try BuildID.current())
        let clock = ThreadClock(thread: executors.work)
        var options = Rebuilder.Options()
        options.build = build
        options.base = try base(wishes, build)
        options.keeps = wishes.keeps
        options.isForSwap = wishes.swaps
        options.explains = task == .rebuild
        options.isFresh = wishes.isFresh
        options.parking = setting.parking(of: projection, clock)
        options.transactionMax = Self.batchEvents ?? options.transactionMax
        if let rate = wishes.rate { options.transactionMax = min(max(1, rate / 4), options.transactionMax) }
        options.pace = RebuildPace(wishes.rate, clock).pause
        options.waitAMoment = { try await clock.sleep(for: .milliseconds(50)) }
        options.onEffort = effort
        let rebuilder = Rebuilder(
            try setting.projection(projection), files: setting.projectionFiles(of: projection),
            log: setting.log.identity, readers: try setting.readers(), source: source, codec: setting.codec,
            options: options)
        setting.reporter.update { $0.ready = true }
        try await rebuild(rebuilder, by: build, clock)
    }

    /// What another build has made proves nothing of this one.
    private func base(_ wishes: RebuildWishes, _ build: String) throws -> ProjectionBase? {
        guard let events = wishes.base else { return nil }
        let base = try ProjectionBases(projection: setting.projectionFiles(of: projection).directory).base(events)
        guard !wishes.proves || base.certificate.build == build else {
            throw ReaderFailure(
                "the base of \(events) events was made by another build, so nothing would be proved of this one; go without "
                    + "--from, or without --prove")
        }
        return base
    }

    private func rebuild(_ rebuilder: Rebuilder, by build: String, _ clock: ThreadClock) async throws {
        let start = clock.now
        let result = try await rebuilder.run(report: progress)
        let duration = clock.now - start
        setting.reporter.send(
            line: RebuildResult(
                result, revision: try setting.projection(projection).revision, build: build,
                partitions: setting.log.identity.placement.partitions, seconds: duration / .seconds(1)))
    }

    @Sendable
    private func effort(_ applied: UInt64) {
        setting.reporter.update {
            $0.progress = "looks for the cause: \(applied) events applied"
            $0.counters = ["experiments": Int64(applied)]
        }
    }

    @Sendable
    private func progress(_ done: UInt64, _ total: UInt64) {
        setting.reporter.update {
            $0.progress = "\(done) of \(total) events"
            $0.counters = ["done": Int64(done), "total": Int64(total)]
        }
    }

    /// Of the topology's replay node; nil when there is none: then the log itself is read.
    private func replayClient(_ executors: ThreadExecutors) throws -> ReplayClient? {
        guard let replay = setting.topology.instances.first(where: { $0.role == .replay }) else { return nil }
        return ReplayClient(
            thread: executors.work, logID: setting.log.identity.id,
            endpoint: try setting.addresses.address(of: replay.name, .replay),
            security: try ClusterKeys.client(projection, setting.directory, setting.topology))
    }
}
