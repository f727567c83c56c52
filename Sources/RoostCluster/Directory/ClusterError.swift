/// Why a command about a cluster cannot be carried out, and what to do next.
public struct ClusterError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is. New codes may appear; compare with `==`.
    public struct Code: Hashable, Sendable {
        /// What the command line exits with.
        public let exitCode: Int32

        /// Something failed that has no code of its own: the message says what.
        public static let failed = Code(exitCode: 1)
        /// A process was not ready in time.
        public static let notReady = Code(exitCode: 3)
        /// The cluster, or the part of it that was named, does not exist.
        public static let notFound = Code(exitCode: 4)
        /// The cluster runs already, or does not run.
        public static let wrongState = Code(exitCode: 5)
        /// The command itself is wrong.
        public static let usage = Code(exitCode: 64)
        /// The topology cannot be used, or does not fit the log.
        public static let topologyInvalid = Code(exitCode: 78)
        /// The log holds events that the application cannot read.
        public static let schemaStranded = Code(exitCode: 78)
    }

    /// What a caller decides by.
    public let code: Code
    /// What cannot be done and why, for a person.
    public let message: String
    /// The next command to try.
    public let next: String?

    /// `next` is a command to try, as it is typed.
    public init(_ code: Code, _ message: String, next: String? = nil) {
        self.code = code
        self.message = message
        self.next = next
    }

    /// What the command line exits with.
    public var exitCode: Int32 { code.exitCode }
    /// The message, and the next command on a line of its own.
    public var description: String { message + (next.map { "\nnext: \($0)" } ?? "") }

    package init(_ error: TopologyError) {
        self.init(.topologyInvalid, error.description)
    }

    init(_ error: SystemCallError) {
        self.init(.failed, error.description, next: "roost doctor")
    }
}
