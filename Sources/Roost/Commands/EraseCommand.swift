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

    @Argument(help: "Whose data: a subject of the domain's events, as in customer/17850.")
    var subject: String

    @Flag(name: [.short, .long], help: "Do not ask.")
    var yes = false

    @OptionGroup var clusterOptions: ClusterOptions
    @OptionGroup var outputOptions: OutputOptions

    mutating func run() async throws {
        try Confirmation.ask("Erase the personal data of \(subject)? This cannot be undone.", unless: yes)
        let (subject, directory) = (subject, try clusterOptions.running().directory)
        guard let vault = try ClusterClient.vault(directory) else {
            throw Failure(
                code: "noVault", message: "cluster '\(directory.name)' has no keys: nothing of it can be erased",
                hint: "roost restart makes them for what is stored from then on", exitCode: 2)
        }
        let progress = ProgressLine()
        let document = try await ClusterClient.withCluster(
            directory, domain: CommandLineRunner.domain, sending: true, vault: vault
        ) { client in
            try await Eraser(client, directory, vault) { name in
                try RebuildCommand.replace(name, in: directory)
            } report: { words in
                progress.show { words }
            }.erase(subject)
        }
        progress.finish()
        try outputOptions.show(document) { Self.text(document) }
    }

    private static func text(_ document: ErasureDocument) -> String {
        let remade = document.remade.isEmpty ? "nothing" : document.remade.joined(separator: ", ")
        let dropped = [
            Counted.of(document.snapshotsDropped, "snapshot") + " dropped",
            Counted.of(document.timersDropped, "timer") + " dropped",
            Counted.of(document.publishedRedacted, "public event") + " emptied",
        ]
        let lines = [
            Paint.good("erased") + "  \(document.subject) on \(document.destroyedAt): " + counts(document),
            "keys let go by " + document.acknowledgedBy.joined(separator: ", "),
            "made again: \(remade); " + dropped.joined(separator: ", "),
            search(document),
            document.recordedIn.map { "recorded in \($0)" } ?? "this application has no event to record it",
        ]
        return lines.map { $0 + "\n" }.joined()
    }

    private static func counts(_ document: ErasureDocument) -> String {
        let events = Counted.of(document.events, "event")
        let streams = Counted.of(document.streams, "stream")
        return "\(events) in \(streams), \(Counted.of(document.keysDestroyed, "key")) destroyed"
    }

    private static func search(_ document: ErasureDocument) -> String {
        let isShared = document.scanned.contains { $0.shared > 0 }
        let found = isShared ? "only found as data that others have too" : "found nowhere"
        let values = Counted.of(document.valuesSought, "value")
        let files = Counted.of(document.scanned.count, "file")
        return "\(values) sought in \(files): \(found)"
            + (document.valuesNotSought > 0 ? "; \(document.valuesNotSought) numbers or short texts not sought" : "")
    }
}
