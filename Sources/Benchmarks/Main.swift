import Foundation

/// `Benchmarks [--json] [--only PART]`: measures Roost beside the physical limits of the same machine, in one run.
@main enum Main {
    /// Far above what a whole run takes: a benchmark that hangs ends with a message, and its processes with it.
    private static let secondsMax: UInt32 = 600

    static func main() async {
        alarm(secondsMax)
        do {
            try await run(Array(CommandLine.arguments.dropFirst()))
        } catch {
            FileHandle.standardError.write(Data("Benchmarks: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func run(_ arguments: [String]) async throws {
        if arguments.first == "--role" {
            try await Role.run(Array(arguments.dropFirst()))
        } else {
            try await Suite(Options(arguments)).run()
        }
    }
}
