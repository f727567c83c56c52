import Foundation

/// Names one run of a process: a process ID alone is given to somebody else sooner or later.
public struct ProcessIdentity: Codable, Hashable, Sendable {
    /// The operating system's process ID.
    public let pid: Int32
    /// In clock ticks since the machine started, from `/proc/<pid>/stat`.
    public let startTime: UInt64

    /// Checks nothing: `isAlive` says whether such a process is there.
    public init(pid: Int32, startTime: UInt64) {
        self.pid = pid
        self.startTime = startTime
    }

    /// The process that has this ID now; nil when there is none, or only its remains.
    public init?(pid: Int32) {
        guard let start = Self.startTime(of: pid) else { return nil }
        self.init(pid: pid, startTime: start)
    }

    /// Whether exactly this process is still there.
    public var isAlive: Bool { Self.startTime(of: pid) == startTime }

    private static func startTime(of pid: Int32) -> UInt64? {
        let text: String
        do throws(SystemCallError) {
            guard let bytes = try FileText.contents(of: "/proc/\(pid)/stat") else { return nil }
            text = String(decoding: bytes, as: UTF8.self)
        } catch {
            return nil
        }
        // The name, in brackets, may hold blanks and brackets; the state and 19 more fields follow its last bracket.
        guard let bracket = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: bracket)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return UInt64(fields[19])
    }
}
