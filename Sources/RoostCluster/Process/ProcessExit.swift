/// How a process ended.
public enum ProcessExit: Hashable, Sendable, CustomStringConvertible {
    case code(Int32)
    case signal(Int32)

    /// The configuration is wrong: another start would end in the same way.
    public static let badConfiguration: Int32 = 78
    /// What the process needs is broken: with a reason, another start would end in the same way.
    public static let broken: Int32 = 70

    /// Exit code 0.
    public var isSuccess: Bool { self == .code(0) }

    /// `exit code 1`, `signal 9 (SIGKILL)`.
    public var description: String {
        switch self {
        case .code(let code): "exit code \(code)"
        case .signal(let signal): "signal \(signal)" + (Self.signalNames[signal].map { " (\($0))" } ?? "")
        }
    }

    /// Whether the process itself said that starting it again is of no use.
    func isPermanent(reason: String?) -> Bool {
        self == .code(Self.badConfiguration) || (self == .code(Self.broken) && reason != nil)
    }

    /// From the value of `waitpid`.
    init(waitStatus: Int32) {
        let signal = waitStatus & 0x7f
        self = signal == 0 ? .code((waitStatus >> 8) & 0xff) : .signal(signal)
    }

    private static let signalNames: [Int32: String] = [
        1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE",
        9: "SIGKILL", 11: "SIGSEGV", 13: "SIGPIPE", 15: "SIGTERM",
    ]
}
