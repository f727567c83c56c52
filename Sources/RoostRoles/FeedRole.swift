import RoostCluster
import RoostCore
import RoostLog
import RoostNode

/// Publishes what the outside may see, from a database of its own.
struct FeedRole {
    private let setting: ProcessSetting

    init(_ setting: ProcessSetting) { self.setting = setting }

    func run() async throws {
        guard let feed = setting.domain.feeds.first(where: { $0.name == setting.name }) else {
            throw ReaderFailure("this application has no feed '\(setting.name)'; check the topology: roost check")
        }
        let executors = ThreadExecutors(name: setting.name)
        defer { executors.shutdown() }
        let publisher = FeedPublisher(
            thread: executors.work, feed: feed.name,
            security: try ClusterKeys.server(setting.directory, setting.topology))
        try await withCleanup {
            let endpoint = try await publisher.start(at: setting.addresses.address(of: setting.name, .feed))
            setting.reporter.update { $0.endpoints = [endpoint] }
            try await follow(feed, publisher, executors)
        } cleanup: {
            await publisher.stop()
        }
    }

    private func follow(
        _ feed: any PublicFeed.Type, _ publisher: FeedPublisher, _ executors: ThreadExecutors
    ) async throws {
        let status = ReaderStatus(name: setting.name)
        let loop = try ReaderLoop(setting, status: status, executors: executors)
        let projector = Projector(
            store: try store(of: feed, publisher), feed: loop.feed, readers: try setting.readers(), status: status,
            lane: executors.logLane(setting.name), spans: loop.spans
        ) { try publisher.publish(from: $0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: executors.tasks) {
                do {
                    while true {
                        try await loop.clock.sleep(for: .seconds(1))
                        publisher.sendNewest()
                    }
                } catch { return }
            }
            try await loop.run { try await projector.run() }
            group.cancelAll()
        }
    }

    /// Synced at every transaction: a number that was shown to somebody never goes to another event.
    private func store(of feed: any PublicFeed.Type, _ publisher: FeedPublisher) throws -> sending ProjectionStore {
        let store = try ProjectionStore(
            feed.asTables, path: "\(setting.directory.feeds)/\(feed.name).db", logID: setting.log.identity.id,
            codec: setting.codec, isPublished: true)
        try publisher.skip(in: store)
        return store
    }
}
