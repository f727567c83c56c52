import ArgumentParser
import RoostClient
import RoostCluster
import RoostVault

struct VaultCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vault", abstract: "The keys that personal data is sealed by.",
        discussion: """
            They are not part of 'roost log backup': a log and its keys, kept together, would bring back what was erased. Keep
            copies apart, and remove those that are older than an erasure.
            """,
        subcommands: [Backup.self, Restore.self])

    struct Backup: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "backup", abstract: "Copy the keys, while the cluster runs.")

        @Argument(help: "A new directory.")
        var directory: DirectoryArgument

        @OptionGroup var clusterOptions: ClusterOptions
        @OptionGroup var outputOptions: OutputOptions

        mutating func run() async throws {
            let cluster = try clusterOptions.located()
            let keys = try VaultFiles(directory: cluster.vault).backUp(to: directory.path)
            try outputOptions.show(VaultDocument(cluster: cluster.name, keys: keys)) {
                "\(Counted.of(keys, "key")) of \(cluster.name) in \(directory.path): "
                    + "keep it where the log's backups are not\n"
            }
        }
    }

    struct Restore: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "restore", abstract: "Add the keys of a backup that are missing; erased subjects stay erased.",
            discussion:
                "With the cluster down. Erase again who was erased after the backup was made, if the vault was lost.")

        @Argument(help: "What 'roost vault backup' has made.")
        var directory: DirectoryArgument

        @OptionGroup var clusterOptions: ClusterOptions
        @OptionGroup var outputOptions: OutputOptions

        mutating func run() async throws {
            let (cluster, directory) = (try clusterOptions.located(), directory.path)
            let keys = try ClusterCommands.whileStopped(cluster) {
                let keys = try VaultFiles(directory: cluster.vault).restore(from: directory)
                try Erasures.apply(try Vault(VaultFiles(directory: cluster.vault)), to: cluster)
                return keys
            }
            try outputOptions.show(VaultDocument(cluster: cluster.name, keys: keys)) {
                "\(Counted.of(keys, "key")) came back\nnext: \(ShownPath.up(cluster))\n"
            }
        }
    }
}

/// How many keys were copied, or came back. Document `roost.vault/1`.
private struct VaultDocument: Encodable {
    let schema = "roost.vault/1"
    let cluster: String
    let keys: Int
}
