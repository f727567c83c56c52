import Foundation
import RoostClient
package import RoostCluster

/// The directory in which a drill takes place, and this executable run in it as a user would.
package struct DrillHome: Sendable {
    /// `ROOST_HOME` of the drill.
    package let path: String
    package let cluster: ClusterDirectory
    private let executable: String

    package var topologyFile: String { path + "/topology.yaml" }

    /// Makes the directory, with a short path: sockets are in it.
    package init(cluster name: String) throws {
        var template = Array("/tmp/rd-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        guard let made else {
            throw ClientError(
                .failed, code: "noDirectory",
                "no directory can be made under /tmp: \(String(cString: strerror(errno)))",
                hint: "roost doctor")
        }
        path = made
        cluster = ClusterDirectory(name: name, root: made)
        executable = try ChildCommand.ownExecutable()
        try FileManager.default.createDirectory(atPath: path + "/out", withIntermediateDirectories: true)
    }

    /// What a command printed, and how it ended.
    package struct Ended: Sendable {
        /// The exit code of what did not end in time, or was cancelled.
        package static let cutShort: Int32 = 124

        package let exit: Int32
        package let output: String
    }

    /// Runs a command of this application to its end. Ended early when the task is cancelled, or after `within`.
    package func roost(_ words: [String], within: Duration) async throws -> Ended {
        let file = path + "/out/\(UUID().uuidString)"
        _ = FileManager.default.createFile(atPath: file, contents: nil)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = words
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
        process.standardOutput = handle
        process.standardError = handle
        try process.run()
        let isInTime = await Self.wait(for: process, within: within)
        if !isInTime { end(process) }
        process.waitUntilExit()
        try handle.close()
        let bytes = FileManager.default.contents(atPath: file) ?? Data()
        let text = String(decoding: bytes, as: UTF8.self)
        if isInTime { return Ended(exit: process.terminationStatus, output: text) }
        return Ended(exit: Ended.cutShort, output: text + "not done within \(within.seconds) s")
    }

    /// False when it did not end in time.
    private static func wait(for process: Process, within: Duration) async -> Bool {
        let deadline = ContinuousClock.now + within
        while process.isRunning {
            guard ContinuousClock.now < deadline else { return false }
            do {
                try await Task.sleep(for: .milliseconds(5))
            } catch {
                return false
            }
        }
        return true
    }

    private func end(_ process: Process) {
        let deadline = ContinuousClock.now + .seconds(5)
        process.terminate()
        while process.isRunning, ContinuousClock.now < deadline { usleep(10_000) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    /// Without what would change what commands say.
    private var environment: [String: String] {
        var environment = ProcessInfo.processInfo.environment
        environment["ROOST_HOME"] = path
        environment["NO_COLOR"] = "1"
        environment["FORCE_COLOR"] = nil
        return environment
    }
}
