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

    /// `build` names the code that has made the generation after the live one.
    init(_ name: String, in directory: ClusterDirectory, build: String) throws {
        self.name = name
        self.directory = directory
        files = ProjectionFiles(directory: "\(directory.projections)/\(name)")
        order = SwapOrder(generation: try files.current() + 1, build: build)
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
                try desk.clear()
                throw error
            }
        }
    }

    /// Returns when the order is carried out.
    private func wait() throws {
        let line = ProgressLine()
        defer { line.finish() }
        while try desk.order() != nil {
            guard !Interruption.wasRequested else { throw ExitCode(130) }
            guard try isUp() else { throw failure("\(name) does not run") }
            line.show { "\(name) goes over to generation \(order.generation)" }
            usleep(Self.patience)
        }
        if let refusal = try desk.refusal() { throw failure(refusal.reason) }
        guard try files.current() == order.generation else { throw failure("somebody took the order back") }
    }

    private static let patience: UInt32 = 20_000

    /// It runs, or is started again by itself.
    private func isUp() throws -> Bool {
        guard let process = try ClusterState.read(directory)?.processes.first(where: { $0.name == name }) else {
            return false
        }
        return switch process.state {
        case .starting, .ready, .paused, .backoff: true
        case .stopping, .stopped, .failed: false
        }
    }

    private func start() throws {
        let result = try ControlClient.perform(ControlRequest(.start, target: name), in: directory)
        // What keeps it from starting may be that the swap was refused: that is said then.
        guard !result.ok, try desk.refusal() == nil else { return }
        throw failure(result.message)
    }

    private func failure(_ reason: String) -> Failure {
        Failure(
            code: "swapFailed", message: "\(name) has not taken the new generation: \(reason)",
            hint: "roost logs \(name), then roost rebuild \(name) --swap", exitCode: 1)
    }
}
