/// Why a log could not do what it was asked. It concerns the whole call: outcomes of single proposals are values.
public struct EventLogError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is. New codes may appear; compare with `==`.
    public struct Code: Hashable, Sendable {
        private enum Kind { case fenced, outcomeUnknown, unavailable, corrupt, missing, mismatch, invalid }
        private let kind: Kind
        /// A newer epoch owns the partition. Nothing was stored; stop writing.
        public static let fenced = Code(kind: .fenced)
        /// Nobody knows whether the commit landed. Reload before deciding again.
        public static let outcomeUnknown = Code(kind: .outcomeUnknown)
        /// The store cannot write now (a full disk, say). Certainly nothing was stored.
        public static let unavailable = Code(kind: .unavailable)
        /// Stored bytes are damaged. Nothing damaged is ever served.
        public static let corrupt = Code(kind: .corrupt)
        /// A file or partition that must exist does not.
        public static let missing = Code(kind: .missing)
        /// Another log, placement or format than the caller expected.
        public static let mismatch = Code(kind: .mismatch)
        /// The caller broke a limit.
        public static let invalid = Code(kind: .invalid)
    }
    /// What a caller decides by.
    public let code: Code
    /// What happened and what to do next; never contains a payload.
    public let message: String
    /// The error beneath, of the store or the file system; nil when there was none.
    public let cause: (any Error)?

    /// `message` says what happened and what to do next; it must not contain a payload.
    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// The message, with the cause in brackets.
    public var description: String { cause.map { "\(message) (\($0))" } ?? message }
}
