import ArgumentParser
import RoostCluster

struct FaultCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fault", abstract: "Break something on purpose, see what is broken, and undo it.",
        subcommands: [FaultAddCommand.self, FaultListCommand.self, FaultClearCommand.self],
        defaultSubcommand: FaultListCommand.self)

    /// Asks the supervisor; returns what it answers when it agrees.
    fileprivate static func perform(_ request: ControlRequest, _ options: ClusterOptions) throws -> ControlResult {
        let result = try ControlClient.perform(request, in: try options.running().directory, patience: .seconds(60))
        guard result.ok else {
            throw Failure(
                code: result.exitCode == 4 ? "notFound" : "refused", message: result.message,
                hint: result.next ?? "roost fault ls", exitCode: result.exitCode)
        }
        return result
    }
}

private struct FaultAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Break something until it is cleared; kill and restart happen once.",
        discussion: """
            Messages: drop, drop-first, delay, duplicate, reorder, corrupt, cut. Processes: kill, restart, pause,
            clock-offset. Disks, as one process sees them: full-disk, slow-disk, failing-sync, lost-writes.
            Names are those of roost ps: orders-0, or orders for all its replicas.

            roost fault add drop --from orders --to dashboard --rate 50%
            roost fault add pause --process orders-0
            """)

    @Argument(help: ArgumentHelp("What to break.", valueName: "kind"))
    var kind: String
    @Option(help: "Whose disk or clock, or which process.")
    var process: String?
    @Option(help: "Who sends the messages; everybody unless given.")
    var from: String?
    @Option(help: "Who is to get the messages; everybody unless given.")
    var to: String?
    @Option(help: "bus or commands; both unless given.")
    var link: String?
    @Option(help: "The share of messages, or of syncs: 50% or 0.5%; 100% unless given.")
    var rate: String?
    @Option(help: "For drop-first: how many messages of each connection.")
    var count: String?
    @Option(help: "For delay and slow-disk: how late, as in 50ms.")
    var by: String?
    @Option(help: "How much later at most, drawn anew each time.")
    var jitter: String?
    @Flag(help: "For cut: the way back, too.")
    var both = false
    @Option(help: "For clock-offset: how far ahead, as in 90s; --offset=-10m for behind.")
    var offset: String?
    @Option(help: "What chance is drawn from; 1 unless given.")
    var seed: String?
    @OptionGroup var clusterOptions: ClusterOptions
    @OptionGroup var outputOptions: OutputOptions

    mutating func run() async throws {
        let words: [(name: String, text: String?)] = [
            ("kind", kind), ("process", process), ("from", from), ("to", to), ("link", link), ("rate", rate),
            ("count", count), ("by", by), ("jitter", jitter), ("both", both ? "true" : nil), ("offset", offset),
            ("seed", seed),
        ]
        let result = try FaultCommand.perform(.add(try fault(words)), clusterOptions)
        let undo = result.faults?.first.map { "next: roost fault clear \($0.id)\n" } ?? ""
        try outputOptions.show(FaultChangeDocument(.added, result.faults ?? [])) { result.message + "\n" + undo }
    }

    private func fault(_ words: [(name: String, text: String?)]) throws -> FaultSpec {
        do throws(TopologyError) {
            return try FaultSpec.parse(words.compactMap { word in word.text.map { (word.name, $0) } })
        } catch {
            throw ClusterError(.usage, error.description, next: "roost fault add --help")
        }
    }
}

private struct FaultListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "The faults that hold, and what each has done so far.")

    @OptionGroup var clusterOptions: ClusterOptions
    @OptionGroup var outputOptions: OutputOptions

    mutating func run() async throws {
        let directory = try clusterOptions.running().directory
        let list = try FaultList.read(directory) ?? FaultList(areAllowed: false)
        try outputOptions.show(FaultsDocument(directory.name, list)) { Self.text(list) }
    }

    private static func text(_ list: FaultList) -> String {
        guard !list.faults.isEmpty else { return "no fault holds\n" }
        var table = TextTable([("id", .right), ("fault", .left), ("so far", .left)])
        for active in list.faults {
            let effects = active.effects.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            table.add([String(active.id), active.fault.text, effects.isEmpty ? "-" : effects.joined(separator: ", ")])
        }
        return table.text + "next: roost fault clear --all\n"
    }
}

private struct FaultClearCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clear", abstract: "Undo a fault, or all of them, and say what it had done.")

    @Argument(help: "The number that roost fault ls shows.")
    var id: Int?
    @Flag(help: "Undo all of them.")
    var all = false
    @OptionGroup var clusterOptions: ClusterOptions
    @OptionGroup var outputOptions: OutputOptions

    func validate() throws {
        guard (id != nil) != all else { throw ValidationError("give the number of a fault, or --all") }
    }

    mutating func run() async throws {
        let result = try FaultCommand.perform(.clearFault(all ? nil : id), clusterOptions)
        try outputOptions.show(FaultChangeDocument(.cleared, result.faults ?? [])) { result.message + "\n" }
    }
}
