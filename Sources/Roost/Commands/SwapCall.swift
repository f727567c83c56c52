import ArgumentParser
import Foundation
import RoostCluster
import RoostNode

/// Has a projection take the generation that was made beside it: its process does so while it goes on, or when it starts.
struct SwapCall {
    private let name: String
    private let directory: ClusterDirectory
    private let files: ProjectionFiles
    private let order: SwapOrder
    private let desk: SwapDesk

    /// Of what a rebuild has made.
    init(_ result: RebuildResult, in directory: ClusterDirectory) throws {
        name = result.projection
        self.directory = directory
        files = ProjectionFiles(directory: directory.projection(name))
        order = SwapOrder(
            generation: try files.current() + 1, build: result.build, root: result.root,
            isParkedAlike: result.setAside == result.liveSetAside)
        desk = SwapDesk(projection: files.directory)
    }

    /// Returns when the new generation is live. Where it does not come to that the order is taken back.
    func perform() throws {
        try Interruption.watching {
            try desk.place(order)
            do {
                if try !isUp() { try start() }
                try wait()
            } catch {
                guard !desk.withdraw(), try desk.order() != nil else { throw error }
                // What it is at cannot be taken back: its next start ends it.
                throw Failure(
                    code: "swapPending", message: "\(name) goes over to generation \(order.generation) when it starts",
                    hint: "roost start \(name)", exitCode: 3)
            }
        }
    }

    /// Returns when the order is carried out.
    private func wait() throws {
        let line = ProgressLine()
        defer { line.finish() }
        var looksDown = 0
        while try desk.order() != nil {
            if Interruption.wasRequested, desk.withdraw() { throw ExitCode(130) }
            // Somebody may be starting it again.
            looksDown = try isUp() ? 0 : looksDown + 1
            guard looksDown < Self.looksMax else { throw failure("it does not run") }
            line.show { "\(name) goes over to generation \(order.generation)" }
            usleep(Self.pause)
        }
        if let refusal = try desk.refusal() { throw failure(refusal.reason) }
        guard try files.current() == order.generation else { throw failure("somebody took the order back") }
    }

    private static let pause: UInt32 = 20_000
    private static let looksMax = 100

    /// It runs, or is started again by itself.
    private func isUp() throws -> Bool {
        let process = try Clusters.running(directory)?.state.processes.first { $0.name == name }
        switch process?.state {
        case .starting, .ready, .paused, .backoff: return true
        case .stopping, .stopped, .failed, nil: return false
        }
    }

    private func start() throws {
        let result: ControlResult
        do throws(ClusterError) {
            result = try ControlClient.perform(
                ControlRequest(.start, target: name), in: directory, patience: .milliseconds(250))
        } catch {
            // It is being started, and asked for what it is at from here on.
            guard error.code == .notReady else { throw error }
            return
        }
        guard !result.ok else { return }
        // It may have gone over and failed after that; or have failed because it was refused, which is said then.
        guard try desk.refusal() == nil, try files.current() != order.generation else { return }
        throw failure(result.message)
    }

    private func failure(_ reason: String) -> Failure {
        Failure(
            code: "swapFailed", message: "\(name) has not taken the new generation: \(reason)",
            hint: "roost logs \(name), then roost rebuild \(name) --swap", exitCode: 1)
    }
}
