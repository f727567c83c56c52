import Foundation
import RoostClient
import RoostCluster
import RoostCore
import RoostLog
import RoostNode
import RoostVault

/// An error as the command line shows it: what happened, what to type next, and the exit code.
struct Failure: Error {
    let code: String
    let message: String
    let hint: String?
    let exitCode: Int32

    init(code: String, message: String, hint: String?, exitCode: Int32) {
        self.code = code
        self.message = message
        self.hint = hint
        self.exitCode = exitCode
    }

    /// nil for an error of the argument parser.
    init?(_ error: any Error) {
        switch error {
        case let error as Failure: self = error
        case let error as ClientError: self.init(error)
        case let error as EventLogError: self.init(ClientError(error))
        case let error as ClusterError:
            self.init(
                code: Self.word(error.exitCode), message: error.message, hint: error.next, exitCode: error.exitCode)
        case let error as InvalidName:
            self.init(code: "invalidName", message: error.description, hint: nil, exitCode: 64)
        case let error as KeyError:
            self.init(code: "key", message: error.message, hint: error.next, exitCode: 1)
        case let error as VaultError:
            let exitCode: Int32 = error.kind == .missing ? 4 : error.kind == .usage ? 64 : 1
            self.init(code: "vault", message: error.message, hint: error.next, exitCode: exitCode)
        case let error as CocoaError:
            let path = error.filePath.map { "\($0): " } ?? ""
            self.init(
                code: "file", message: path + error.localizedDescription, hint: "see whether it is there, and yours",
                exitCode: 1)
        case let error as TableError:
            self.init(code: "database", message: error.description, hint: "roost doctor", exitCode: 1)
        case let error as SchemaError:
            self.init(code: "schema", message: error.description, hint: "roost schema check", exitCode: 78)
        case let error as ReaderFailure:
            self.init(code: "projection", message: error.description, hint: "roost projections", exitCode: 1)
        default: return nil
        }
    }

    private init(_ error: ClientError) {
        self.init(code: error.code, message: error.message, hint: error.hint, exitCode: error.exitCode)
    }

    func report(asJSON: Bool) {
        if asJSON {
            Terminal.error(ErrorDocument(code: code, message: message, hint: hint).line)
        } else {
            Terminal.error(Paint.bad("error: ") + message + "\n")
            if let hint { Terminal.error("next: \(hint)\n") }
        }
    }

    private static func word(_ exitCode: Int32) -> String {
        switch exitCode {
        case 3: "notReady"
        case 4: "notFound"
        case 5: "wrongState"
        case 64: "usage"
        case 78: "topologyInvalid"
        default: "failed"
        }
    }
}
