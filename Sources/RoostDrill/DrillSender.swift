import RoostClient
package import RoostCluster
import RoostCore
package import RoostNode

/// Sends the commands of a drill and keeps what was answered.
package struct DrillSender: Sendable {
    private let home: DrillHome
    private let domain: Domain
    private let ledger: DrillLedger

    package init(_ home: DrillHome, domain: Domain, ledger: DrillLedger) {
        self.home = home
        self.domain = domain
        self.ledger = ledger
    }

    /// Returns when every command is settled, or cannot be. Another seed, other commands.
    package func send(_ load: DrillLoad, seed: UInt64) async throws {
        let commands = try commands(load, seed)
        try await ClusterClient.withCluster(home.cluster, domain: domain, sending: true) { client in
            await withTaskGroup(of: LoadDocument.self) { group in
                for number in 0..<load.clients {
                    let share = stride(from: number, to: commands.count, by: load.clients).map { commands[$0] }
                    let rate = load.rate.map { Double($0) / Double(load.clients) }
                    group.addTask { await send(share, rate, client) }
                }
                for await document in group { ledger.add(document) }
            }
        }
    }

    private func send(_ commands: [ImportedCommand], _ rate: Double?, _ client: ClusterClient) async -> LoadDocument {
        var configuration = Loader.Configuration()
        configuration.settleWithin = .seconds(30)
        configuration.attemptTimeout = .seconds(2)
        if let rate { configuration.batchCommands = max(1, min(64, Int(rate / 20))) }
        let pace = Pace(perSecond: rate)
        var watcher = Loader.Watcher()
        watcher.pace = { await pace.wait() }
        watcher.record = { [ledger] in ledger.record($0, $1, isCutShort: Task.isCancelled) }
        return await Loader(client, configuration).run(commands.map { .command($0) }, by: watcher)
    }

    private func commands(_ load: DrillLoad, _ seed: UInt64) throws -> [ImportedCommand] {
        if let repeated = load.repeated { return try repeating(repeated, load.commands, seed) }
        guard let generator = domain.generator else {
            throw ClientError(
                .usage, code: "noGenerator", "the application '\(domain.name)' makes no commands of its own",
                hint: "give the load of the drill a command to repeat: repeat: {command: …, to: …, data: …}")
        }
        return try generator.commands(count: load.commands, seed: seed)
    }

    private func repeating(_ repeated: DrillLoad.Repeated, _ count: Int, _ seed: UInt64) throws -> [ImportedCommand] {
        return try (0..<count).map { number in
            let data = repeated.data.replacing("{n}", with: "\(number)")
            return ImportedCommand(
                command: repeated.command, stream: try StreamName(repeated.stream.replacing("{n}", with: "\(number)")),
                data: try DocumentText.canonical(Array(data.utf8), what: "'data'"),
                commandID: try CommandID("drill-\(seed)-\(number)"), occurred: nil, rows: 1)
        }
    }
}

/// Lets so many pass in a second, evenly; later ones make up for a wait.
private actor Pace {
    private let perSecond: Double?
    private let start = ContinuousClock.now
    private var passed = 0

    init(perSecond: Double?) { self.perSecond = perSecond }

    /// False when the task was cancelled.
    func wait() async -> Bool {
        guard let perSecond else { return !Task.isCancelled }
        let due = start + .milliseconds(Int(Double(passed) * 1000 / perSecond))
        passed += 1
        do {
            if ContinuousClock.now < due { try await ContinuousClock().sleep(until: due) }
            return !Task.isCancelled
        } catch {
            return false
        }
    }
}
