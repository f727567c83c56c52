/// Why a command about a cluster cannot be carried out, and what to do next.
public struct ClusterError: Error, Sendable, CustomStringConvertible {
    public struct Code: Hashable, Sendable {
        /// What the command line exits with.
        public let exitCode: Int32

        public static let failed = Code(exitCode: 1)
        /// A process was not ready in time.
        public static let notReady = Code(exitCode: 3)
        public static let notFound = Code(exitCode: 4)
        /// The cluster runs already, or does not run.
        public static let wrongState = Code(exitCode: 5)
        /// The command itself is wrong.
        public static let usage = Code(exitCode: 64)
        public static let topologyInvalid = Code(exitCode: 78)
    }

    public let code: Code
    public let message: String
    /// The next command to try.
    public let next: String?

    public init(_ code: Code, _ message: String, next: String? = nil) {
        self.code = code
        self.message = message
        self.next = next
    }

    public var exitCode: Int32 { code.exitCode }
    public var description: String { message + (next.map { "\nnext: \($0)" } ?? "") }

    init(_ error: TopologyError) {
        self.init(.topologyInvalid, error.description)
    }

    init(_ error: SystemCallError) {
        self.init(.failed, error.description, next: "roost doctor")
    }
}
