import Foundation

/// The system call that starts a process, with the three standard descriptors given and nothing else inherited.
enum SpawnCall {
    enum Group: Sendable {
        /// A process group of its own.
        case ownGroup
        /// A session of its own: it outlives the terminal.
        case ownSession
    }

    static func spawn(
        _ command: ChildCommand, input: Int32, output: Int32, error: Int32, group: Group = .ownGroup
    ) throws(SystemCallError) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (index, descriptor) in [input, output, error].enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(index))
        }
        // Whoever waits for the end of a pipe must not wait for a process that only inherited it.
        for descriptor in openDescriptors() { posix_spawn_file_actions_addclose(&actions, descriptor) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        prepare(&attributes, group)
        let arguments = [command.executable] + command.arguments
        let environment = command.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        var pid: pid_t = 0
        let code = withCStrings(arguments) { arguments in
            withCStrings(environment) { environment in
                posix_spawn(&pid, command.executable, &actions, &attributes, arguments, environment)
            }
        }
        guard code == 0 else {
            errno = code
            throw SystemCallError("posix_spawn", command.executable)
        }
        return pid
    }

    /// Signals as a fresh program expects them, whatever the supervisor does with its own.
    private static func prepare(_ attributes: inout posix_spawnattr_t, _ group: Group) {
        var mask = sigset_t()
        sigemptyset(&mask)
        posix_spawnattr_setsigmask(&attributes, &mask)
        for signal in [SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGQUIT] { sigaddset(&mask, signal) }
        posix_spawnattr_setsigdefault(&attributes, &mask)
        var flags = Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)
        switch group {
        case .ownGroup:
            posix_spawnattr_setpgroup(&attributes, 0)
            flags |= Int32(POSIX_SPAWN_SETPGROUP)
        case .ownSession:
            // POSIX_SPAWN_SETSID, which the headers hide from Swift.
            flags |= 0x80
        }
        posix_spawnattr_setflags(&attributes, Int16(flags))
    }

    /// Everything open beyond the standard descriptors, whatever it was opened with. Closing one that is gone by then
    /// does no harm.
    private static func openDescriptors() -> [Int32] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { Int32($0) }.filter
            {
                $0 > STDERR_FILENO
            }
        } catch {
            return []
        }
    }

    private static func withCStrings<Result>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = strings.map { strdup($0) }
        defer { copies.forEach { free($0) } }
        return body(copies + [nil])
    }
}
