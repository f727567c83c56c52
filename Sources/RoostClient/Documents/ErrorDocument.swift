import RoostJSON
package import RoostLog

/// An error for programs: one object on standard error under `--json`, the body of an HTTP answer otherwise.
package struct ErrorDocument: Codable, Sendable, Error {
    package var code: String
    package var message: String
    package var hint: String?

    package init(code: String, message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    package init(_ error: ClientError) { self.init(code: error.code, message: error.message, hint: error.hint) }

    /// One line of JSON with its end. Always possible, as there are only texts.
    package var line: String {
        let hint = hint.map { JSONValue.string($0) } ?? .null
        let object: JSONValue = ["code": .string(code), "message": .string(message), "hint": hint]
        return object.compact + "\n"
    }
}

extension ClientError {
    /// What a failure of the log means to a person who asked for something.
    package init(_ error: EventLogError) {
        switch error.code {
        case .missing: self.init(.notFound, code: "missing", error.description)
        case .corrupt:
            self.init(.failed, code: "corrupt", error.description, hint: "roost log verify")
        case .unavailable: self.init(.failed, code: "unavailable", error.description, hint: "roost doctor")
        case .mismatch: self.init(.failed, code: "mismatch", error.description, hint: "roost log info")
        case .invalid: self.init(.usage, code: "invalid", error.description)
        default: self.init(.failed, code: "logFailed", error.description, hint: "roost log verify")
        }
    }
}
