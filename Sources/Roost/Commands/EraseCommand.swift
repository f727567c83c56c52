import ArgumentParser
import Foundation
import RoostClient
import RoostCluster
import RoostCore
import RoostVault

struct EraseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase", abstract: "Make the personal data of a subject unreadable, for ever.",
        discussion: """
            The events stay, their personal values become 'erased': the subject's keys are destroyed once nothing else holds
            the data. Cannot be undone. Interrupted anywhere, the same command goes on. Exit code 2 when data was stored
            before there were keys, or still stands readable somewhere: then no key is destroyed.
            Backups of the vault and of projections that you made elsewhere are yours to remove.
            """)

    @Argument(help: "Whose data, as in customer/17850, or the order of a guest.")
    var subject: String

    @Flag(name: [.short, .long], help: "Do not ask.")
    var yes = false

    @OptionGroup var clusterOptions: ClusterOptions
    @OptionGroup var outputOptions: OutputOptions

    mutating func run() async throws {
        try confirm()
        let (subject, directory) = (subject, try clusterOptions.located())
        guard let vault = try ClusterClient.vault(directory) else {
            throw Failure(
                code: "noVault", message: "cluster '\(directory.name)' has no keys: nothing of it can be erased",
                hint: "roost up \(ShownPath.of(directory.topologyFile)) makes them for what is stored from then on",
                exitCode: 2)
        }
        let isRunning = try Clusters.running(directory) != nil
        let progress = ProgressLine()
        let document = try await ClusterClient.withCluster(
            directory, domain: CommandLineRunner.domain, sending: isRunning, vault: vault
        ) { client in
            try await Eraser(client, directory, vault) { name in
                try Self.remake(name, directory, isRunning: isRunning)
            } report: { words in
                progress.show { words }
            }.erase(subject)
        }
        progress.finish()
        try outputOptions.show(document) { Self.text(document) }
    }

    private func confirm() throws {
        guard !yes, isatty(STDIN_FILENO) == 1 else { return }
        Terminal.error("Erase the personal data of \(subject)? This cannot be undone. [y/N] ")
        guard let answer = readLine(), answer.lowercased().hasPrefix("y") else {
            throw Failure(code: "declined", message: "nothing was changed", hint: nil, exitCode: 1)
        }
    }

    /// Beside the live one when the cluster runs; otherwise its process makes it at the next start.
    private static func remake(_ name: String, _ directory: ClusterDirectory, isRunning: Bool) throws {
        guard isRunning else { return try FileManager.default.removeItem(atPath: "\(directory.projections)/\(name)") }
        try RebuildCommand.replace(name, in: directory)
    }

    private static func text(_ document: ErasureDocument) -> String {
        let shared = document.scanned.reduce(0) { $0 + $1.shared }
        let lines = [
            "\(Paint.good("erased"))  \(document.subject): \(document.events) events in \(document.streams) streams, "
                + "\(document.keysDestroyed) keys destroyed",
            "keys let go by \(document.acknowledgedBy.isEmpty ? "nobody: nothing runs" : document.acknowledgedBy.joined(separator: ", "))",
            "made again: \(document.remade.isEmpty ? "nothing" : document.remade.joined(separator: ", ")); "
                + "\(document.snapshotsDropped) snapshots dropped, \(document.publishedRedacted) public events emptied",
            "\(document.valuesSought) values sought in \(document.scanned.count) files"
                + (shared > 0 ? ", \(shared) times found as others' data" : ", found nowhere")
                + (document.valuesTooShort > 0 ? "; \(document.valuesTooShort) too short to look for" : ""),
            document.recordedIn.map { "recorded in \($0)" } ?? "the domain records nothing",
        ]
        return lines.map { $0 + "\n" }.joined()
    }
}
