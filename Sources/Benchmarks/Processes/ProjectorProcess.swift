import Foundation
import RoostCore
import RoostLog
import RoostLogSQLite
import RoostNode
import RoostZeroMQ

/// One process that keeps the projection up to date from the bus, as in a cluster.
enum ProjectorProcess {
    /// Without a projection it is that of the parcels.
    static func run(_ site: Site, _ projection: (any Projection.Type)? = nil) async throws {
        let projection = projection ?? ParcelProjection.self
        let executors = ThreadExecutors(name: "projector")
        let log = try SQLiteLog.open(at: site.logPath)
        let isIndex = projection == TraceIndex.self
        let files = ProjectionFiles(directory: site.projections + (isIndex ? "/\(TraceIndex.name)" : ""))
        try files.prepare()
        let feed = Feed(logID: log.identity.id)
        let subscriber = BusSubscriber(thread: executors.work, logID: log.identity.id) { feed.offer($0) }
        try await subscriber.start(endpoints: [site.publishEndpoint], topics: [""])
        let projector = Projector(
            store: try ProjectionStore(
                projection, path: files.currentPath(), logID: log.identity.id, codec: .json, build: "bench"),
            feed: feed, readers: try log.identity.placement.partitions.map { try log.reader($0) },
            status: ReaderStatus(name: projection.name), lane: executors.work)
        Thread.detachNewThread {
            Child.waitForEnd()
            feed.close()
        }
        Child.say("ready")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: executors.tasks) {
                do { while true { try await tick(feed, executors) } } catch is CancellationError {}
            }
            try await projector.run()
            group.cancelAll()
        }
        await subscriber.stop()
        executors.shutdown()
    }

    private static func tick(_ feed: Feed, _ executors: ThreadExecutors) async throws {
        try await executors.work.sleep(for: feed.limits.lookEvery)
        feed.tick()
    }
}
