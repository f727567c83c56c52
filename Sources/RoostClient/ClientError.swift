/// Why something asked of a cluster could not be done: for a person, for a program, and what to type next.
package struct ClientError: Error, Sendable, CustomStringConvertible {
    /// What a caller can do about it; decides the exit code and the HTTP status.
    package enum Kind: Sendable {
        /// It failed; the message says why.
        case failed
        /// A check came out negative.
        case negative
        /// Not there in time.
        case notReady
        /// No such thing.
        case notFound
        /// The cluster runs although it must not, or does not although it must.
        case runState
        /// The caller asked for something that makes no sense.
        case usage
        /// Too big.
        case tooLarge
    }
    package let kind: Kind
    /// A constant word for programs.
    package let code: String
    package let message: String
    /// The next step, often a command to type.
    package let hint: String?

    package init(_ kind: Kind, code: String, _ message: String, hint: String? = nil) {
        self.kind = kind
        self.code = code
        self.message = message
        self.hint = hint
    }

    package var description: String { message }

    package var exitCode: Int32 {
        switch kind {
        case .failed, .tooLarge: 1
        case .negative: 2
        case .notReady: 3
        case .notFound: 4
        case .runState: 5
        case .usage: 64
        }
    }

    package var httpStatus: Int {
        switch kind {
        case .failed: 500
        case .negative: 422
        case .notReady: 504
        case .notFound: 404
        case .runState: 503
        case .usage: 400
        case .tooLarge: 413
        }
    }
}
