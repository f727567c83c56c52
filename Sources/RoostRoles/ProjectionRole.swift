import Logging
import RoostCluster
import RoostCore
import RoostLog
import RoostNode

/// Keeps one projection up to date in its own database.
struct ProjectionRole {
    private let setting: ProcessSetting

    init(_ setting: ProcessSetting) { self.setting = setting }

    func run() async throws {
        let executors = ThreadExecutors(name: setting.name)
        defer { executors.shutdown() }
        let status = ReaderStatus(name: setting.name)
        let loop = try ReaderLoop(setting, status: status, executors: executors)
        let files = setting.projectionFiles
        try files.prepare()
        let projection = try setting.projection(setting.name)
        let build = try BuildID.remembered(in: setting.directory.buildFile)
        let parking = setting.parking(of: setting.name, loop.clock)
        let open: @Sendable (Int) throws -> ProjectionStore = { [setting] generation in
            var parking = parking
            parking.markPath = files.markPath(generation: generation)
            return try ProjectionStore(
                projection, path: files.path(generation: generation), logID: setting.log.identity.id,
                codec: setting.codec, parking: parking, build: build)
        }
        var succession = Succession(
            files: files, readers: try setting.readers(), build: build,
            firstStep: RebuildRole.batchEvents ?? 10_000, say: { [setting] in setting.logger.notice("\($0)") },
            open: open)
        try succession.atStart { !setting.stop.isRequested }
        let store = try open(files.current())
        try files.removeOlder()
        let projector = Projector(
            store: store, feed: loop.feed, readers: try setting.readers(), status: status,
            lane: executors.logLane(setting.name), spans: loop.spans,
            desk: ParkingDesk(projection: files.directory), succession: succession)
        guard projection == TraceIndex.self else { return try await loop.run { try await projector.run() } }
        try await ChainObservation(setting, executors).run { try await loop.run { try await projector.run() } }
    }
}
