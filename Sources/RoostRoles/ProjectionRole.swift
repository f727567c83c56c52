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
        var parking = setting.parking(of: setting.name, loop.clock)
        parking.markPath = files.markPath(generation: try files.current())
        let store = try ProjectionStore(
            projection, path: try files.currentPath(), logID: setting.log.identity.id, codec: setting.codec,
            parking: parking, build: try BuildID.current())
        try files.removeOlder()
        let projector = Projector(
            store: store, feed: loop.feed, readers: try setting.readers(), status: status,
            lane: executors.logLane(setting.name), spans: loop.spans,
            desk: ParkingDesk(projection: files.directory))
        guard projection == TraceIndex.self else { return try await loop.run { try await projector.run() } }
        try await ChainObservation(setting, executors).run { try await loop.run { try await projector.run() } }
    }
}
