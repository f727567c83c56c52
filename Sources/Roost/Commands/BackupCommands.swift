import ArgumentParser
import Foundation
import RoostClient
import RoostCluster
import RoostCore
import RoostNode

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy the log and what reactors have done, while the cluster runs.",
        discussion: """
            The copy is one cut through all partitions: no event of it is without its cause. Every copied event is verified
            before the directory gets its name. Projections and snapshots are not copied, because they can be made again.
            """)

    @Argument(help: "A new directory.")
    var directory: DirectoryArgument

    @OptionGroup var clusterOptions: ClusterOptions
    @OptionGroup var outputOptions: OutputOptions

    mutating func run() async throws {
        let progress = ProgressLine()
        let manifest = try ClusterBackup(try clusterOptions.located(), now: { .system })
            .make(at: directory.path) { words in progress.show { words } }
        progress.finish()
        try outputOptions.show(manifest) {
            "\(Paint.good("verified"))  backup of \(manifest.cluster): \(manifest.events) events in "
                + "\(manifest.partitions.count) partitions, \(manifest.bytes) bytes\n"
                + "next: roost log restore \(directory.path), with the cluster down\n"
        }
    }
}

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Put a backup in the place of a stopped cluster's log.",
        discussion: """
            The backup is verified first; what was there goes aside and is not deleted. Exit code 2 for a damaged backup,
            5 when the cluster runs. Killed at any moment, the cluster has the log of before or the restored one.
            """)

    @Argument(help: "What 'roost log backup' has made.")
    var directory: DirectoryArgument

    @Option(name: [.short, .long], help: "The cluster; that of the backup unless given. It need not exist.")
    var cluster: String?

    @Flag(name: [.short, .long], help: "Do not ask.")
    var yes = false

    @OptionGroup var outputOptions: OutputOptions

    mutating func run() async throws {
        let manifest = try BackupManifest.read(directory.path)
        let target = try ClusterCommands.directory(cluster ?? manifest.cluster, ClusterOptions.root)
        if try Clusters.running(target) != nil {
            throw Failure(
                code: "wrongState", message: "cluster '\(target.name)' runs",
                hint: "roost down --cluster \(target.name)", exitCode: 5)
        }
        if FileManager.default.fileExists(atPath: target.log) {
            try Confirmation.ask(
                "Replace the log of '\(target.name)' by the backup of \(manifest.madeAt)?", unless: yes)
        }
        let progress = ProgressLine()
        let document = try ClusterRestore(of: directory.path, into: target)
            .carryOut(manifest, at: .system) { words in progress.show { words } }
        progress.finish()
        try outputOptions.show(document) { Self.text(document, target) }
    }

    private static func text(_ document: RestoreDocument, _ target: ClusterDirectory) -> String {
        var lines = ["\(document.cluster) has the log of \(document.madeAt): \(document.events) events"]
        if let aside = document.movedTo {
            let later = document.eventsAside.map { " (\(Counted.of($0, "event")) more)" } ?? ""
            lines.append("what was there before\(later) is in \(ShownPath.of(aside))")
        }
        if !document.remade.isEmpty {
            lines.append("made again at the next start: " + document.remade.joined(separator: ", "))
        }
        for feed in document.feeds {
            lines.append(
                "\(feed.feed) goes on after public number \(feed.newest), it was \(feed.was): who has read further begins "
                    + "again there")
        }
        for subject in document.erased { lines.append("not recorded any more, once it is up: roost erase \(subject)") }
        let isSealed = FileManager.default.fileExists(atPath: target.vaultMark)
        if isSealed, !FileManager.default.fileExists(atPath: target.vault) {
            lines.append("next: roost vault restore DIR --cluster \(target.name), for its personal data; then:")
            lines.append("      \(ShownPath.up(target))")
        } else {
            lines.append("next: \(ShownPath.up(target))")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
