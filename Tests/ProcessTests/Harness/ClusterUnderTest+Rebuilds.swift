import Foundation
import RoostCluster
import RoostCore
import RoostNode
import Testing

extension ClusterUnderTest {
    /// A rebuild that has to end well and to be equal.
    @discardableResult
    func rebuild(_ name: String, _ options: String...) throws -> RebuildReport {
        let report = try begin(["rebuild", name, "--json"] + options).finish().expecting(0).document(RebuildReport.self)
        try #require(report.verdict == "equal" && !report.root.isEmpty)
        return report
    }

    private func files(of projection: String) -> ProjectionFiles {
        ProjectionFiles(directory: "\(directory)/projections/\(projection)")
    }

    /// The generation of a projection that is live.
    func generation(of projection: String) throws -> Int { try files(of: projection).current() }

    /// The events that a generation of a projection stands at, over all partitions: from its file, whoever has it open.
    func position(of projection: String, generation: Int) throws -> UInt64 {
        let database = try ReadOnlyDatabase(path: files(of: projection).path(generation: generation))
        return try database.progress().values.reduce(0) { $0 + $1.position.rawValue }
    }

    /// The events that a projection has applied.
    func applied(_ projection: String) throws -> UInt64 {
        let report = try roost("projections", "--json").expecting(0).document(ProjectionsReport.self)
        let reader = try #require(report.projections.first { $0.name == projection })
        return reader.partitions.reduce(0) { $0 + $1.applied }
    }

    /// Where orders to swap lie.
    func swapDesk(of projection: String) -> SwapDesk { SwapDesk(projection: files(of: projection).directory) }

    /// The certificate that a rebuild has kept.
    func certificate(of report: RebuildReport) throws -> RebuildCertificate {
        let name = URL(fileURLWithPath: try #require(report.certificate)).lastPathComponent
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(directory)/certificates/\(name)"))
        return try JSONDecoder().decode(RebuildCertificate.self, from: data)
    }

    /// The topology of the next start.
    func setTopology(_ topology: TestTopology) throws {
        try Data(topology.text.utf8).write(to: URL(fileURLWithPath: topologyFile))
    }

    /// What a machine that goes down does to its processes.
    func killEverything() {
        while case let alive = processes(), !alive.isEmpty {
            // The supervisor first, so that it starts nobody again.
            for process in [supervisor].compactMap({ $0 }) + alive { kill(process.pid, SIGKILL) }
            usleep(2000)
        }
    }
}
