import RoostCluster
import RoostCore
import RoostLog
import RoostNode

/// Carries out what one reactor wants.
struct ReactorRole {
    private let setting: ProcessSetting

    init(_ setting: ProcessSetting) { self.setting = setting }

    func run() async throws {
        guard let reactor = setting.domain.reactors.first(where: { $0.name == setting.name }) else {
            throw ReaderFailure("this application has no reactor '\(setting.name)'; check the topology: roost check")
        }
        let executors = ThreadExecutors(name: setting.name)
        defer { executors.shutdown() }
        let status = ReaderStatus(name: setting.name)
        let loop = try ReaderLoop(setting, status: status, executors: executors)
        var options = CommandClient.Options()
        options.security = try ClusterKeys.client(setting.name, setting.directory, setting.topology)
        let client = CommandClient(
            thread: executors.work, logID: setting.log.identity.id, clock: loop.clock, options: options,
            routes: setting.routes())
        let store = try ReactorStore(
            name: setting.name, path: "\(setting.directory.reactors)/\(setting.name).db",
            logID: setting.log.identity.id)
        let runner = try ReactorRunner(
            reactor, store: store, feed: loop.feed, log: setting.log.identity, readers: try setting.readers(),
            sender: client, codec: setting.codec, clock: loop.clock, status: status,
            lane: executors.logLane(setting.name), spans: loop.spans)
        try await withCleanup {
            try await loop.run {
                try await withTaskCancellationHandler {
                    try await runner.run()
                } onCancel: {
                    loop.feed.close()
                }
            } onStop: {
                // Commands whose owner is away are answered now, not at their deadline.
                await client.stop()
            }
        } cleanup: {
            await client.stop()
        }
    }
}
