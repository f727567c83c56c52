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
        let loop = ReaderLoop(setting, status: status, executors: executors)
        let files = setting.projectionFiles
        try files.prepare()
        let store = try ProjectionStore(
            try setting.projection(setting.name), path: try files.currentPath(), logID: setting.log.identity.id,
            codec: setting.codec)
        try files.removeOlder()
        let projector = Projector(
            store: store, feed: loop.feed, readers: try setting.readers(), status: status,
            lane: executors.logLane(setting.name))
        try await loop.run { try await projector.run() }
    }
}
