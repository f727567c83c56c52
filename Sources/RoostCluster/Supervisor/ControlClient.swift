import Foundation

/// The other end of the control socket: what commands use to ask a running supervisor.
package enum ControlClient {
    /// Sends a request and returns its result; lines of a task are handed to `onLine` as they come. Throws `notReady`
    /// when nothing is heard for so long; the supervisor goes on with what it was asked.
    package static func perform(
        _ request: ControlRequest, in directory: ClusterDirectory, patience: Duration? = nil,
        onLine: (String) -> Void = { _ in }
    ) throws(ClusterError) -> ControlResult {
        do {
            return try converse(request, directory, patience, onLine)
        } catch let error as ClusterError {
            throw error
        } catch {
            throw ClusterError(
                .wrongState, "the supervisor of '\(directory.name)' does not answer: \(error)", next: "roost ps")
        }
    }

    private static func converse(
        _ request: ControlRequest, _ directory: ClusterDirectory, _ patience: Duration?, _ onLine: (String) -> Void
    ) throws -> ControlResult {
        let descriptor = try UnixSocket.connect(to: directory.controlSocket)
        defer { close(descriptor) }
        if let patience { UnixSocket.limitReading(descriptor, to: patience) }
        try FileText.writeAll(JSONText.line(request), to: descriptor)
        var unread: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN, let patience { throw try late(request, directory, patience) }
            guard count > 0 else { throw ClusterError(.failed, "the supervisor ended in the middle", next: "roost ps") }
            unread.append(contentsOf: buffer[..<count])
            while let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                let reply = try JSONText.decode(ControlReply.self, from: unread[..<end])
                unread.removeSubrange(...end)
                if let result = reply.result { return result }
                reply.line.map(onLine)
            }
        }
    }

    private static func late(
        _ request: ControlRequest, _ directory: ClusterDirectory, _ patience: Duration
    ) throws -> ClusterError {
        let processes = try ClusterState.read(directory)?.processes ?? []
        let waiting = processes.filter {
            !$0.ready && ($0.name == request.target || $0.name.hasPrefix(request.target + "-"))
        }
        .map { "\($0.name) (\($0.state.rawValue)) " + ($0.waitingFor.map { "waits for \($0)" } ?? "is not ready") }
        return ClusterError(
            .notReady,
            "not done in \(DurationText.text(patience)): "
                + (waiting.isEmpty ? request.fault?.text ?? request.target : waiting.joined(separator: "; ")),
            next: request.fault == nil ? "roost logs \(request.target)" : "roost fault ls")
    }
}
