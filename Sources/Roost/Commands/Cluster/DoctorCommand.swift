import ArgumentParser
import GRDBSQLite
import RoostCluster
import RoostZeroMQ

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check what a cluster needs from this machine.",
        discussion: "Exit code 1 when something would stop a cluster.")

    @OptionGroup var outputOptions: OutputOptions

    private struct Document: Encodable {
        let schema = "roost.doctor/1"
        let ok: Bool
        let checks: [Doctor.Check]
    }

    mutating func run() async throws {
        let versions = Doctor.Versions(
            zeroMQ: ZeroMQVersion.text, sqlite: String(cString: sqlite3_libversion()))
        let checks = Doctor(root: ClusterOptions.root, versions: versions).run()
        let document = Document(ok: checks.allSatisfy { $0.status != .fail }, checks: checks)
        try outputOptions.show(document) { checks.map(Self.line).joined() }
        if !document.ok { throw ExitCode(1) }
    }

    private static func line(_ check: Doctor.Check) -> String {
        let status = check.status.rawValue.padded(to: 8)
        let painted =
            switch check.status {
            case .ok: Paint.good(status)
            case .fail: Paint.bad(status)
            case .warn: Paint.name(status)
            case .skipped: Paint.dim(status)
            }
        return "\(painted)\(check.id.padded(to: 10))\(check.message)\n"
            + (check.fix.map { "        fix: \($0)\n" } ?? "")
    }
}
