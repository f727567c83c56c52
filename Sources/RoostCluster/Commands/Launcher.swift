import Foundation

/// Starts a supervisor that outlives the command and its terminal.
public enum Launcher {
    /// Executes `command` in a session of its own, with its output in the supervisor's log, and returns as soon as it
    /// holds the cluster. Throws what it said when it ended before that.
    public static func launch(
        _ directory: ClusterDirectory, command: ChildCommand, timeout: Duration = .seconds(30)
    ) throws(ClusterError) -> ClusterState {
        let log = directory.logFile(of: "supervisor")
        let before = FileSize.of(log)
        let pid: Int32
        do throws(SystemCallError) {
            pid = try spawn(command, log)
        } catch {
            throw ClusterError(error)
        }
        let deadline = ContinuousClock.now + timeout
        while ContinuousClock.now < deadline {
            if let state = try ClusterState.read(directory), state.supervisor.pid == pid, state.supervisor.isAlive {
                reap(pid)
                return state
            }
            if let exit = ended(pid) { throw failure(exit, log: log, from: before) }
            Pause.short()
        }
        throw ClusterError(
            .notReady, "the supervisor did not start within \(DurationText.text(timeout))", next: "see \(log)")
    }

    /// `_supervise --directory <directory>` of this executable.
    public static func supervise(
        _ directory: ClusterDirectory, allowingFaults: Bool = false
    ) throws(ClusterError) -> ChildCommand {
        ChildCommand(
            executable: try ChildCommand.ownExecutable(),
            arguments: ["_supervise", "--directory", directory.path] + (allowingFaults ? ["--faults"] : []),
            environment: ProcessInfo.processInfo.environment)
    }

    private static func spawn(_ command: ChildCommand, _ log: String) throws(SystemCallError) -> Int32 {
        let output = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard output >= 0 else { throw SystemCallError("open", log) }
        defer { close(output) }
        let input = open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard input >= 0 else { throw SystemCallError("open", "/dev/null") }
        defer { close(input) }
        return try SpawnCall.spawn(command, input: input, output: output, error: output, group: .ownSession)
    }

    private static func ended(_ pid: Int32) -> ProcessExit? {
        var status: Int32 = 0
        return waitpid(pid, &status, WNOHANG) == pid ? ProcessExit(waitStatus: status) : nil
    }

    /// Collects the supervisor when it ends before this process does, so that it leaves no zombie.
    private static func reap(_ pid: Int32) {
        let thread = Thread {
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        }
        thread.name = "supervisor-reaper"
        thread.stackSize = 1 << 19
        thread.start()
    }

    /// The supervisor's own words, with its own exit code.
    private static func failure(_ exit: ProcessExit, log: String, from offset: Int) -> ClusterError {
        let said = FileSize.text(of: log, from: offset).trimmingCharacters(in: .whitespacesAndNewlines)
        let code: Int32 = if case .code(let code) = exit, code != 0 { code } else { ClusterError.Code.failed.exitCode }
        let message = said.isEmpty ? "the supervisor ended: \(exit)" : said
        return ClusterError(ClusterError.Code(exitCode: code), message)
    }
}

/// What was written to a file since a moment.
enum FileSize {
    static func of(_ path: String) -> Int {
        var info = stat()
        return stat(path, &info) == 0 ? Int(info.st_size) : 0
    }

    static func text(of path: String, from offset: Int) -> String {
        do throws(SystemCallError) {
            return String(decoding: try FileText.contents(of: path)?.dropFirst(offset) ?? [], as: UTF8.self)
        } catch {
            return ""
        }
    }
}
