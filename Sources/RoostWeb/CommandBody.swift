import RoostClient
import RoostCore
import RoostJSON

/// The body of `POST /api/v1/commands`.
struct CommandBody: Decodable {
    let command: String
    let to: String
    let data: JSONValue?
    let correlationID: CorrelationID?
    let expectedVersion: UInt64?
    let occurredAt: Timestamp?

    /// The command it stands for. Throws `ClientError` for names that break their rules.
    func command(idempotencyKey: String?, traceparent: String?) throws -> OutsideCommand {
        do {
            return OutsideCommand(
                command, to: try StreamName(to), data: Bytes((data ?? .object(JSONObject())).bytes),
                commandID: try idempotencyKey.map { try CommandID($0) }, correlationID: correlationID,
                expected: expected, occurred: occurredAt, traceparent: Self.checked(traceparent))
        } catch let error as InvalidName {
            throw ClientError(.usage, code: "invalidName", error.description)
        }
    }

    private var expected: ExpectedVersion {
        switch expectedVersion {
        case nil: .any
        case 0: .noStream
        case let version?: .exactly(StreamVersion(version))
        }
    }

    /// W3C trace context is `version-traceid-parentid-flags`; anything else is ignored, as the standard asks.
    private static func checked(_ traceparent: String?) -> String? {
        guard let traceparent, traceparent.utf8.count == 55 else { return nil }
        let parts = traceparent.split(separator: "-", omittingEmptySubsequences: false)
        let isHexadecimal = parts.allSatisfy { $0.allSatisfy { $0.isHexDigit && !$0.isUppercase } }
        return parts.map(\.count) == [2, 32, 16, 2] && isHexadecimal ? traceparent : nil
    }
}
