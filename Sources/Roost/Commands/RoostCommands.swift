import ArgumentParser

/// The whole command line.
struct RoostCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roost",
        abstract: "Runs a cluster of event-sourced processes and shows what happens in it.",
        discussion: """
            A first look:
              roost up topology/shop.yaml -d --wait
              roost send PlaceOrder '{…}' --to order/1
              roost trace --last

            Exit codes: 0 ok, 1 failed, 2 negative verdict, 3 not ready in time, 4 not found,
            5 already running or not running, 64 usage, 78 topology invalid, 130 interrupted.
            """,
        subcommands: [ProcessCommand.self, SuperviseCommand.self],
        groupedSubcommands: [
            CommandGroup(
                name: "Cluster",
                subcommands: [
                    UpCommand.self, DownCommand.self, PsCommand.self, LogsCommand.self, WaitCommand.self,
                    StartCommand.self, StopCommand.self, RestartCommand.self, KillCommand.self, MoveCommand.self,
                    FaultCommand.self,
                    CheckCommand.self, DoctorCommand.self,
                ]),
            CommandGroup(name: "Commands", subcommands: [SendCommand.self, LoadCommand.self]),
            CommandGroup(
                name: "Events",
                subcommands: [
                    TraceCommand.self, ContractsCommand.self, MapCommand.self, EventsCommand.self, TimersCommand.self,
                    ParkedCommand.self,
                    StateCommand.self, HistoryCommand.self,
                    SnapshotsCommand.self, SchemaCommand.self, EraseCommand.self, VaultCommand.self, LogCommand.self,
                    ArchiveCommand.self,
                ]),
            CommandGroup(
                name: "Projections",
                subcommands: [
                    QueryCommand.self, WhyCommand.self, ProjectionsCommand.self, RebuildCommand.self,
                    CertificateCommand.self, FeedCommand.self,
                ]),
            CommandGroup(name: "Drills", subcommands: [DrillCommand.self]),
            CommandGroup(name: "Shell", subcommands: [CompletionsCommand.self]),
        ])
}

extension RoostCommands {
    /// What was typed; a command that there is not is a `Failure`.
    static func parsed(_ words: [String]) throws -> any ParsableCommand {
        do {
            return try parseAsRoot(words)
        } catch {
            // Somebody may have asked for help, which the parser throws, too.
            guard exitCode(for: error) != .success, let unknown = UnknownCommand.first(in: words, below: self) else {
                throw error
            }
            throw unknown.failure
        }
    }

    /// Why these words are no command; nil when they are.
    static func refusal(of words: [String]) -> String? {
        do {
            _ = try parsed(words)
            return nil
        } catch let failure as Failure {
            return failure.message
        } catch {
            return exitCode(for: error) == .success ? nil : message(for: error)
        }
    }
}
