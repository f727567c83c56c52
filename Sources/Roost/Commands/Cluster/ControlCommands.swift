import ArgumentParser
import RoostCluster

/// One request to the supervisor about some processes; says what it answers.
private func control(
    _ action: ControlRequest.Action, _ target: String, signal: Int32? = nil, _ options: ClusterOptions,
    timeout: DurationArgument? = nil
) throws {
    Terminal.out(try ask(action, target, signal: signal, options, timeout: timeout).message + "\n")
}

/// One request to the supervisor; returns what it answers when it agrees.
private func ask(
    _ action: ControlRequest.Action, _ target: String, signal: Int32? = nil, partition: UInt32? = nil,
    _ options: ClusterOptions, timeout: DurationArgument? = nil
) throws -> ControlResult {
    let running = try options.running()
    let result = try ControlClient.perform(
        ControlRequest(action, target: target, signal: signal, partition: partition), in: running.directory,
        patience: timeout?.duration)
    guard result.ok else {
        throw Failure(
            code: result.exitCode == 4 ? "notFound" : "failed", message: result.message, hint: "roost ps",
            exitCode: result.exitCode)
    }
    return result
}

struct StartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Start a process that was stopped or has failed.")

    @Argument(help: "The process, as in search or orders-0; orders means all its replicas.")
    var process: String
    @Option(help: "How long to wait until it is ready; exit code 3 when it is not.")
    var timeout = DurationArgument(.seconds(60))
    @OptionGroup var clusterOptions: ClusterOptions

    func validate() throws { try timeout.checkPositive() }

    mutating func run() async throws { try control(.start, process, clusterOptions, timeout: timeout) }
}

struct StopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Stop one process and leave the rest running.")

    @Argument(help: "The process, as in search or orders-0; orders means all its replicas.")
    var process: String
    @OptionGroup var clusterOptions: ClusterOptions

    mutating func run() async throws { try control(.stop, process, clusterOptions) }
}

struct RestartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart", abstract: "Stop a process and start it again.")

    @Argument(help: "The process, as in search or orders-0; orders means all its replicas.")
    var process: String
    @Option(help: "How long to wait until it is ready; exit code 3 when it is not.")
    var timeout = DurationArgument(.seconds(60))
    @OptionGroup var clusterOptions: ClusterOptions

    func validate() throws { try timeout.checkPositive() }

    mutating func run() async throws { try control(.restart, process, clusterOptions, timeout: timeout) }
}

struct KillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kill", abstract: "Send a signal to a process, as a failure would.",
        discussion: "The supervisor starts it again, as after any failure.")

    @Argument(help: "The process, as in search or orders-0; orders means all its replicas.")
    var process: String

    @Option(help: "The signal: KILL, TERM, STOP, CONT, INT or a number.")
    var signal = "KILL"

    @OptionGroup var clusterOptions: ClusterOptions

    private static let signals: [String: Int32] = ["HUP": 1, "INT": 2, "KILL": 9, "TERM": 15, "CONT": 18, "STOP": 19]

    mutating func run() async throws {
        let name = signal.uppercased().replacing("SIG", with: "")
        guard let number = Self.signals[name] ?? Int32(name), (1...64).contains(number) else {
            throw ValidationError(
                "'\(signal)' is no signal; known are \(Self.signals.keys.sorted().joined(separator: ", "))")
        }
        try control(.kill, process, signal: number, clusterOptions)
    }
}

struct MoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move", abstract: "Give a partition to another writer, while the cluster works.",
        discussion: """
            The owner decides what it has accepted, lets go of the partition, and the other writer claims it under a \
            new epoch. Commands that arrive in between wait for it; none is lost and none is executed twice. Both must \
            be instances of the same process. It holds until the cluster stops: 'roost up' begins with the topology.
            """)

    @Argument(help: "The number of the partition.")
    var partition: UInt32
    @Option(help: "The instance that shall own it, as in orders-1.")
    var to: String
    @Option(help: "How long to wait until it is served there; exit code 3 when it is not.")
    var timeout = DurationArgument(.seconds(30))
    @OptionGroup var clusterOptions: ClusterOptions
    @OptionGroup var outputOptions: OutputOptions

    func validate() throws { try timeout.checkPositive() }

    mutating func run() async throws {
        let result = try ask(.move, to, partition: partition, clusterOptions, timeout: timeout)
        try outputOptions.show(MovedDocument(partition: partition, owner: to)) { result.message + "\n" }
    }
}

/// Where a partition is served now. Document `roost.moved/1`.
private struct MovedDocument: Encodable {
    let schema = "roost.moved/1"
    let partition: UInt32
    let owner: String
}
