import ArgumentParser
import RoostClient
import RoostCluster

struct WaitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait", abstract: "Return when the cluster is ready, or when everything has been processed.",
        discussion: """
            caught-up: the log does not grow, every projection and reactor is at its end, and no follow-up command is
            unanswered. Exit code 3 when that is not so in time.
            """)

    enum Goal: String, ExpressibleByArgument, CaseIterable {
        case ready
        case caughtUp = "caught-up"
    }

    @Option(name: .customLong("for"), help: "ready or caught-up.")
    var goal: Goal

    @Option(help: "How long to wait.")
    var timeout = DurationArgument(.seconds(60))

    @OptionGroup var clusterOptions: ClusterOptions

    mutating func run() async throws {
        let running = try clusterOptions.running()
        let progress = ProgressLine()
        defer { progress.finish() }
        switch goal {
        case .ready:
            _ = try ClusterCommands.waitUntilReady(running.directory, timeout: timeout.duration) { state in
                let ready = state.processes.count { $0.ready }
                progress.show { "\(ready) of \(state.processes.count) ready" }
            }
        case .caughtUp:
            let timeout = timeout.duration
            try await ClusterClient.withCluster(running.directory, domain: CommandLineRunner.domain, sending: false) {
                try await $0.waitUntilCaughtUp(timeout: timeout) { behind in
                    progress.show { behind.first.map(\.text) ?? "almost" }
                }
                try $0.confirmBalance()
            }
        }
        progress.finish()
        Terminal.out("\(running.directory.name) is \(goal.rawValue)\n")
    }
}
