import Foundation

/// The standard streams.
enum Terminal {
    static func out(_ text: String) { write(Array(text.utf8), to: STDOUT_FILENO) }
    static func error(_ text: String) { write(Array(text.utf8), to: STDERR_FILENO) }

    static var standardErrorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Writes everything, or ends quietly when nobody reads any more.
    static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR || errno == EAGAIN { continue }
            guard written > 0 else { exit(0) }
            rest = rest.dropFirst(written)
        }
    }

    /// The size of the terminal that results are shown on; nil where they go elsewhere.
    static var columns: Int? { size.map { Int($0.ws_col) } }
    static var rows: Int? { size.map { Int($0.ws_row) } }

    private static var size: winsize? {
        var size = winsize()
        guard isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return nil
        }
        return size
    }

    /// Colours only for a person at a terminal who did not ask for none: FORCE_COLOR, then NO_COLOR, then the terminal.
    static let usesColour: Bool = {
        let environment = ProcessInfo.processInfo.environment
        if let force = environment["FORCE_COLOR"], !force.isEmpty { return true }
        if let none = environment["NO_COLOR"], !none.isEmpty { return false }
        return isatty(STDOUT_FILENO) == 1 && environment["TERM"] != "dumb"
    }()
}

/// Colours by meaning.
enum Paint {
    case good, bad, dim, name

    func callAsFunction(_ text: String) -> String {
        guard Terminal.usesColour else { return text }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    private var code: String {
        switch self {
        case .good: "32"
        case .bad: "31"
        case .dim: "2"
        case .name: "36"
        }
    }
}

extension Double {
    /// Seconds as a person reads them: with at most three digits after the point.
    var wholeMilliseconds: Double { (self * 1000).rounded(.down) / 1000 }
}
