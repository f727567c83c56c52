import RoostClient
import RoostCore
import RoostJSON
import RoostTrace

/// The body of `POST /api/v1/commands`.
struct CommandBody: Decodable {
    let command: String
    let to: String
    let data: JSONValue?
    let correlationID: CorrelationID?
    let expectedVersion: UInt64?
    let occurredAt: Timestamp?

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case command, to, data, correlationID, expectedVersion, occurredAt
    }

    /// Refuses keys it does not know: a mistyped `expectedVersion` must not drop the check it asks for.
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let keys = try JSONValue(from: decoder).object?.members.map(\.key) ?? []
        if let unknown = keys.first(where: { CodingKeys(rawValue: $0) == nil }) {
            throw ClientError(
                .usage, code: "unknownKey", "the body has an unknown key '\(unknown)'",
                hint: "use only: " + CodingKeys.allCases.map(\.rawValue).joined(separator: ", "))
        }
        command = try container.decode(String.self, forKey: .command)
        to = try container.decode(String.self, forKey: .to)
        data = try container.decodeIfPresent(JSONValue.self, forKey: .data)
        correlationID = try container.decodeIfPresent(CorrelationID.self, forKey: .correlationID)
        expectedVersion = try container.decodeIfPresent(UInt64.self, forKey: .expectedVersion)
        occurredAt = try container.decodeIfPresent(Timestamp.self, forKey: .occurredAt)
    }

    /// The command it stands for. Throws `ClientError` for names that break their rules.
    func command(idempotencyKey: String?, traceparent: TraceParent?) throws -> OutsideCommand {
        do {
            return OutsideCommand(
                command, to: try StreamName(to), data: Bytes((data ?? .object(JSONObject())).bytes),
                commandID: try idempotencyKey.map { try CommandID($0) }, correlationID: correlationID,
                expected: expected, occurred: occurredAt, traceparent: traceparent?.description)
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
}
