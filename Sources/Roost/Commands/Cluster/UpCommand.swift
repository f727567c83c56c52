import ArgumentParser
import Foundation
import RoostClient
import RoostCluster

struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Start a cluster from a topology file.",
        discussion: """
            In the foreground Ctrl-C stops everything in order (exit code 130); a second one kills.
            Data is kept from one start to the next; --fresh moves it aside.
            """)

    @Argument(help: "The topology, as in topology/shop.yaml.")
    var file: String

    @Flag(name: [.customShort("d"), .long], help: "Run in the background.")
    var detach = false

    @Flag(help: "With -d: return when every process is ready.")
    var wait = false

    @Option(help: "How long to wait.")
    var timeout = DurationArgument(.seconds(60))

    @Flag(help: "Move the data of an earlier run aside and begin anew.")
    var fresh = false

    @Flag(help: "Let faults of messages and disks be added: roost fault add.")
    var faults = false

    @Flag(name: [.short, .long], help: "Do not ask.")
    var yes = false

    @Option(name: [.short, .long], help: "Name of the cluster; that of the topology unless given.")
    var cluster: String?

    mutating func run() async throws {
        let request = ClusterCommands.UpRequest(
            topologyFile: file, clusterName: cluster, root: ClusterOptions.root, fresh: fresh,
            known: CommandLineRunner.domain.knownNames)
        try confirm(request)
        let prepared = try ClusterCommands.prepare(request)
        try ClusterRestore.finishInterrupted(prepared.directory)
        if let aside = prepared.movedAside { Terminal.error("earlier data is at \(aside)\n") }
        if detach { try startDetached(prepared.directory) } else { try runHere(prepared) }
    }

    /// Asks a person before data is moved.
    private func confirm(_ request: ClusterCommands.UpRequest) throws {
        guard fresh, !yes, isatty(STDIN_FILENO) == 1, try ClusterCommands.hasData(request) else { return }
        Terminal.error("Move the data of the earlier run aside? [y/N] ")
        guard let answer = readLine(), answer.lowercased().hasPrefix("y") else {
            throw Failure(
                code: "declined", message: "nothing was changed", hint: "roost up \(file), to go on with the data",
                exitCode: 1)
        }
    }

    private func startDetached(_ directory: ClusterDirectory) throws {
        let started = try Launcher.launch(
            directory, command: Launcher.supervise(directory, allowingFaults: faults))
        let name = directory.name
        guard wait else {
            return Terminal.out(
                "\(name) is starting  supervisor \(started.supervisor.pid)\nnext: roost wait --for ready\n")
        }
        let progress = ProgressLine()
        let state = try ClusterCommands.waitUntilReady(directory, timeout: timeout.duration) { state in
            progress.show { Self.waiting(state) }
        }
        progress.finish()
        Terminal.out(PsText.text(try PsDocument(state, in: directory)))
        Terminal.out("next: roost send --help\n")
    }

    private func runHere(_ prepared: ClusterCommands.Prepared) throws {
        Interruption.restore()
        let narrator = StateNarrator { Terminal.error($0) }
        var configuration = SupervisorSetup.configuration(prepared.directory, prepared.topology)
        configuration.allowsFaults = faults
        configuration.onChange = { narrator.changed($0) }
        let supervisor = try Supervisor(configuration)
        try supervisor.run()
        if supervisor.wasInterrupted { throw ExitCode(130) }
    }

    private static func waiting(_ state: ClusterState) -> String {
        let waiting = state.processes.filter { !$0.ready }
        let ready = state.processes.count - waiting.count
        let words = waiting.prefix(2).map { "\($0.name): \($0.waitingFor ?? $0.state.rawValue)" }
        return "\(ready) of \(state.processes.count) ready  " + words.joined(separator: "; ")
    }
}
