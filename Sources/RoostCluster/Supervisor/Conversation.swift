import Foundation
import RoostCore

/// One connection to the control socket: a request comes in, lines and a result go out. Used by one thread only.
final class Conversation {
    private static let requestBytesMax = 1 << 16
    private static let unsentBytesMax = 4 << 20

    /// What has to become true before the result is sent.
    enum Goal {
        case request
        case stopped([String])
        case ready([String])
        case taskEnded(String)
        /// Then the result is sent.
        case faultsApplied([String], version: Int, ControlResult)
        case moved(PartitionID, String)
        case none
    }

    let descriptor: Int32
    var goal = Goal.request
    private var received: [UInt8] = []
    private var unsent: [UInt8] = []
    private(set) var isClosed = false
    private var isFinished = false

    init(descriptor: Int32) {
        self.descriptor = descriptor
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    deinit { close(descriptor) }

    /// What to wait for.
    var events: Int16 { Int16(unsent.isEmpty ? POLLIN : POLLIN | POLLOUT) }

    /// The task whose end is waited for.
    var awaitedTask: String? {
        if case .taskEnded(let name) = goal { name } else { nil }
    }

    /// The request, once it is there as a whole.
    func readRequest() -> Result<ControlRequest, ClusterError>? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &buffer, buffer.count)
        if count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR) { isClosed = true }
        received.append(contentsOf: buffer.prefix(max(0, count)))
        guard case .request = goal else { return nil }
        if received.count > Self.requestBytesMax { return .failure(ClusterError(.usage, "the request is too long")) }
        guard let end = received.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        goal = .none
        do {
            return .success(try JSONText.decode(ControlRequest.self, from: received[..<end]))
        } catch {
            return .failure(ClusterError(.usage, "the supervisor does not know this request"))
        }
    }

    func send(line: [UInt8]) {
        send(ControlReply(line: String(decoding: line, as: UTF8.self)))
    }

    /// The last thing that is sent.
    func finish(_ result: ControlResult) {
        goal = .none
        isFinished = true
        send(ControlReply(result: result))
    }

    /// Sends what the other side takes now.
    func flush() {
        while !unsent.isEmpty, !isClosed {
            let count = Foundation.send(descriptor, unsent, unsent.count, Int32(MSG_NOSIGNAL))
            if count > 0 {
                unsent.removeFirst(count)
            } else if errno == EAGAIN {
                return
            } else if errno != EINTR {
                isClosed = true
            }
        }
        if isFinished { isClosed = true }
    }

    /// A listener that takes nothing for this long loses the connection, not the supervisor its memory.
    private func send(_ reply: ControlReply) {
        do {
            unsent += try JSONText.line(reply)
        } catch {
            isClosed = true
        }
        if unsent.count > Self.unsentBytesMax { isClosed = true }
        flush()
    }
}
