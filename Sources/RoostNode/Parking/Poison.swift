import GRDBSQLite
import RoostCore
import RoostJSON

/// Tells an event that cannot be applied from a projection that cannot work: the first is parked, the second stops.
enum Poison {
    private static let reasonBytesMax = 500
    /// What a statement of a handler is refused for because of its values or its text.
    private static let tableCodes: Set<Int32> = [
        SQLITE_ERROR, SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_RANGE, SQLITE_TOOBIG,
    ]

    /// Whether an error is about the event at hand alone.
    static func isCause(_ error: any Error) -> Bool {
        guard Obstacle.text(of: error) == nil else { return false }
        return switch error {
        case is SealedEventError: false
        case let error as TableError: tableCodes.contains(error.code & 0xff)
        default: true
        }
    }

    /// What an error says about an event. An event with a subject holds personal data, which a text may repeat: of its errors
    /// only what they are and where they arose is kept.
    static func reason(_ error: any Error, at event: RecordedEvent) -> String {
        let text = event.hasSubject ? shape(of: error) : "\(error)"
        guard text.utf8.count > reasonBytesMax else { return text }
        return String(decoding: text.utf8.prefix(reasonBytesMax), as: UTF8.self) + "…"
    }

    /// An error without any value that it carries: its type, its case, its coding path.
    static func shape(of error: any Error) -> String {
        switch error {
        case let error as TableError: return error.description
        case let error as SchemaError: return error.shape
        case let error as DecodingError: return shape(of: error)
        case let error as JSONError: return error.description
        default: break
        }
        let type = String(reflecting: Swift.type(of: error))
        let mirror = Mirror(reflecting: error)
        guard mirror.displayStyle == .enum else { return type }
        if let label = mirror.children.first?.label { return "\(type).\(label)" }
        return Swift.type(of: error) is any CustomStringConvertible.Type ? type : "\(type).\(error)"
    }

    private static func shape(of error: DecodingError) -> String {
        let (what, path) =
            switch error {
            case .typeMismatch(let type, let context): ("expected \(type)", context.codingPath)
            case .valueNotFound(let type, let context): ("no \(type)", context.codingPath)
            case .keyNotFound(let key, let context): ("missing", context.codingPath + [key])
            case .dataCorrupted(let context): ("cannot be decoded", context.codingPath)
            @unknown default: ("cannot be decoded", [])
            }
        return path.map(\.stringValue).joined(separator: ".") + ": " + what
    }
}

/// Personal data of an event cannot be opened. The keys are everybody's, so this is no matter of one event.
struct SealedEventError: Error, CustomStringConvertible {
    let cause: any Error
    var description: String { "\(cause)" }
}

/// A handler has failed where its rows could not be taken back alone: the transaction runs again, carefully.
struct PoisonFound: Error {}
