import ArgumentParser
import Foundation
import RoostCluster
import RoostCore
import RoostDrill

/// Where drills are: beside the topologies.
struct DrillFiles {
    private static let folders = ["topology/drills", "drills"]
    private let topology: String?

    init(topology: String?) { self.topology = topology }

    /// Every drill that is found here, by name.
    func all() throws -> [String] {
        let beside = topology.map { URL(fileURLWithPath: $0).deletingLastPathComponent().relativePath + "/drills" }
        let folders = ([beside].compactMap { $0 } + Self.folders).filter {
            FileManager.default.fileExists(atPath: $0)
        }
        guard let folder = folders.first else {
            throw Failure(
                code: "notFound", message: "there is no directory \(Self.folders[0]) here",
                hint: "roost drill run FILE, with the path of a drill", exitCode: 4)
        }
        return try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".yaml") }.sorted()
            .map { "\(folder)/\($0)" }
    }

    /// The file of a drill: a path, or the name of one that is found here.
    func file(_ word: String) throws -> String {
        if word.contains("/") || word.hasSuffix(".yaml") || word.hasSuffix(".yml") { return word }
        let files = try all()
        if let file = files.first(where: { $0.hasSuffix("/\(word).yaml") }) { return file }
        let names = files.map { URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent }
        throw Failure(
            code: "notFound", message: "there is no drill '\(word)'\(Suggestion.text(for: word, among: names))",
            hint: "roost drill ls", exitCode: 4)
    }

    func drills(_ words: [String]) throws -> [Drill] { try words.map { try Drill.load(file: try file($0)) } }
}

/// Which drills, and on which topology.
struct DrillOptions: ParsableArguments {
    @Option(help: "Run on this topology instead of the one that the drill names.")
    var topology: String?

    var files: DrillFiles { DrillFiles(topology: topology) }

    /// Where a drill runs; what it cannot run on is refused.
    func target(of drill: Drill) throws -> (file: String, topology: Topology) {
        let file = try drill.topologyFile(unless: topology)
        let text = try drill.topology(over: file, home: "HOME")
        let topology = try ClusterCommands.check(
            text: text, file: "\(drill.file), laid over \(file)", known: CommandLineRunner.domain.knownNames)
        let problems =
            drill.check(against: topology) + drill.check(for: CommandLineRunner.domain) + Self.untypable(drill)
        guard problems.isEmpty else {
            throw ClusterError(TopologyError(problems))
        }
        return (file, topology)
    }

    /// Steps whose commands the command line refuses, where that is not what they are about.
    private static func untypable(_ drill: Drill) -> [TopologyProblem] {
        drill.allSteps.filter { ![.any, .code(ExitCode.validationFailure.rawValue)].contains($0.exit) }.flatMap {
            step in
            step.commands(home: "HOME", cluster: "c", up: []).compactMap { words in
                RoostCommands.refusal(of: words).map {
                    drill.problem(with: step, "roost \(words.joined(separator: " ")): \($0)")
                }
            }
        }
    }
}
