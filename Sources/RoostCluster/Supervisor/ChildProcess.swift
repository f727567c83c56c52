import Foundation

/// A running child: its life pipe, its status channel and its log.
///
/// Started with `posix_spawn`, not with swift-subprocess: that stops reading a child's output the moment the child
/// ends, and so may lose the last line, which is where a child says why it ends. Used by one thread only.
final class ChildProcess {
    /// A status line longer than this is dropped.
    private static let lineBytesMax = 1 << 20

    let name: String
    let pid: Int32
    /// Read without waiting; nil after its end.
    private(set) var statusChannel: Int32?
    private let lifePipe: Int32
    private let log: Int32
    private var unread: [UInt8] = []
    /// Orders that the life pipe had no room for.
    private var unsent: [UInt8] = []

    private init(name: String, pid: Int32, lifePipe: Int32, statusChannel: Int32, log: Int32) {
        self.name = name
        self.pid = pid
        self.lifePipe = lifePipe
        self.statusChannel = statusChannel
        self.log = log
    }

    deinit {
        close(lifePipe)
        close(log)
        statusChannel.map { _ = close($0) }
    }

    /// Starts `command` in a process group of its own, so that a Ctrl-C in the terminal reaches the supervisor alone.
    static func spawn(_ name: String, _ command: ChildCommand, logFile: String) throws(SystemCallError) -> ChildProcess
    {
        let log = open(logFile, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard log >= 0 else { throw SystemCallError("open", logFile) }
        var open: [Int32] = [log]
        do throws(SystemCallError) {
            let life = try Pipe.make()
            open += [life.read, life.write]
            let status = try Pipe.make()
            open += [status.read, status.write]
            let pid = try SpawnCall.spawn(command, input: life.read, output: status.write, error: log)
            close(life.read)
            close(status.write)
            for end in [status.read, life.write] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
            return ChildProcess(
                name: name, pid: pid, lifePipe: life.write, statusChannel: status.read, log: log)
        } catch {
            open.forEach { _ = close($0) }
            throw error
        }
    }

    /// Waits on a thread of its own until the child has ended, without reaping it, and then calls `onEnd`.
    func watch(onEnd: @escaping @Sendable () -> Void) {
        let pid = pid
        let thread = Thread {
            var info = siginfo_t()
            while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
            onEnd()
        }
        thread.name = "wait-\(name)"
        thread.stackSize = 1 << 18
        thread.start()
    }

    /// Gives an order, without waiting for the child to read it.
    func send(_ order: ProcessOrder) {
        do { unsent += try JSONText.line(order) } catch { return }
        flushOrders()
    }

    /// Sends what there was no room for before; a child that is gone needs no order.
    func flushOrders() {
        while !unsent.isEmpty {
            let count = unsent.withUnsafeBytes { write(lifePipe, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            unsent.removeFirst(count)
        }
    }

    /// What `poll` waits for before `flushOrders` can go on; nil when nothing waits.
    var orderChannel: Int32? { unsent.isEmpty ? nil : lifePipe }

    /// To the child and whatever it started itself.
    func signal(_ signal: Int32) { kill(-pid, signal) }

    /// How the child ended; nil while it runs. Nothing that it started outlives this.
    func reap() -> ProcessExit? {
        var info = siginfo_t()
        guard waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT | WNOHANG) == 0, info.si_signo == SIGCHLD else {
            return nil
        }
        // Before the child is reaped its group cannot be anybody else's.
        kill(-pid, SIGKILL)
        var status: Int32 = 0
        guard waitpid(pid, &status, 0) == pid else { return nil }
        return ProcessExit(waitStatus: status)
    }

    /// The lines that arrived since the last call, without waiting.
    func readLines() -> [[UInt8]] {
        guard let channel = statusChannel else { return [] }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(channel, &buffer, buffer.count)
            if count > 0 {
                unread.append(contentsOf: buffer[..<count])
            } else if count < 0, errno == EINTR {
                continue
            } else {
                if count == 0 { closeStatusChannel(channel) }
                return takeLines()
            }
        }
    }

    /// Writes what was no status to the log, where stray output belongs.
    func log(line: [UInt8]) {
        do throws(SystemCallError) {
            try FileText.writeAll(line + [UInt8(ascii: "\n")], to: log)
        } catch {
            return
        }
    }

    private func closeStatusChannel(_ channel: Int32) {
        close(channel)
        statusChannel = nil
    }

    private func takeLines() -> [[UInt8]] {
        guard let end = unread.lastIndex(of: UInt8(ascii: "\n")) else {
            if unread.count > Self.lineBytesMax { unread.removeAll() }
            return []
        }
        defer { unread.removeSubrange(...end) }
        return unread[..<end].split(separator: UInt8(ascii: "\n")).map(Array.init)
    }
}
