import Foundation
package import RoostCluster
import RoostCore
package import RoostLog
import RoostLogSQLite
package import RoostNode
package import RoostVault
import RoostZeroMQ

extension ClusterClient {
    /// Opens a cluster for `body`; with `sending` it can send commands, otherwise it only reads. `caller` is whose key
    /// it shows where keys are asked for; `vault` is one that the process has open already.
    ///
    /// Throws `notFound` when there is no log yet.
    package static func withCluster<Result: Sendable>(
        _ directory: ClusterDirectory, domain: Domain, sending: Bool, as caller: String = ClusterKeys.commandLine,
        vault own: Vault? = nil, _ body: (ClusterClient) async throws -> Result
    ) async throws -> Result {
        let log = try openLog(directory)
        let topology = try ClusterCommands.topology(of: directory)
        let domain = domain.running(in: topology)
        let databases = ReaderDatabases(directory)
        let thread = SocketThread(name: "client")
        defer { thread.shutdown() }
        let clock = ThreadClock(thread: thread)
        let vault = try own ?? vault(directory)
        let client = { (sender: any CommandSender) in
            try ClusterClient(
                name: directory.name, domain: domain, log: log, databases: databases, sender: sender,
                keys: vault, now: { clock.now }, resting: { try resting(in: directory) })
        }
        guard sending else { return try await body(client(ReadingOnly())) }
        var options = CommandClient.Options()
        options.security = try ClusterKeys.client(caller, directory, topology)
        let sender = CommandClient(thread: thread, logID: log.identity.id, clock: clock, options: options) {
            Self.route(to: $0, log)
        }
        do {
            let result = try await body(client(sender))
            await sender.stop()
            return result
        } catch {
            await sender.stop()
            throw error
        }
    }

    /// nil for a cluster that has none: nothing of it is sealed. Throws for one whose vault is gone.
    package static func vault(_ directory: ClusterDirectory) throws -> Vault? {
        let files = VaultFiles(directory: directory.vault, mark: directory.vaultMark)
        try files.checkPresence()
        return FileManager.default.fileExists(atPath: files.database) ? try Vault(files) : nil
    }

    private static func resting(in directory: ClusterDirectory) throws -> [String: String] {
        let running = try Clusters.running(directory)?.state
        // Without a supervisor nothing runs, whatever the last one has written.
        let states = try (running ?? ClusterState.read(directory))?.processes.map { process in
            (process.name, running == nil ? .stopped : process.state)
        }
        let resting = (states ?? []).filter { $0.1 == .failed || $0.1 == .stopped }
        return Dictionary(resting.map { ($0.0, $0.1.rawValue) }, uniquingKeysWith: { first, _ in first })
    }

    /// The log of a cluster, for reading.
    package static func openLog(_ directory: ClusterDirectory) throws -> any EventLog {
        do throws(EventLogError) {
            return try SQLiteLog.open(at: directory.log)
        } catch {
            throw ClientError(error)
        }
    }

    /// The newest claim says who owns a partition. nil while nobody does, or while the file cannot be read: then the
    /// command waits for its deadline.
    private static func route(to partition: PartitionID, _ log: any EventLog) -> CommandAnswer.Route? {
        do throws(EventLogError) {
            return try log.reader(partition).claim().map {
                CommandAnswer.Route(epoch: $0.epoch, endpoint: $0.commandEndpoint)
            }
        } catch {
            return nil
        }
    }
}

extension Domain {
    /// What a topology runs of it: other projections and reactors have nothing to catch up with.
    fileprivate func running(in topology: Topology) -> Domain {
        let names = Set(topology.processes.map(\.name))
        return Domain(
            name: name, aggregates: aggregates, reactors: reactors.filter { names.contains($0.name) },
            projections: allProjections.filter { names.contains($0.name) },
            feeds: feeds.filter { names.contains($0.name) }, contracts: contracts, importers: importers,
            generator: generator, erased: erased)
    }
}

/// Stands where a client that only reads needs no sender.
private struct ReadingOnly: CommandSender {
    func send(_ requests: [CommandRequest]) async -> [CommandAnswer] {
        requests.map { request in
            CommandAnswer(
                number: request.number, outcome: .unavailable, partition: request.partition, code: "readingOnly",
                reason: "this client only reads")
        }
    }
}
