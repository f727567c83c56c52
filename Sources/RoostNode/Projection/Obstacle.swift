import GRDBSQLite
import RoostLog

/// Tells what may pass by itself, or once somebody lends a hand, from what ends a reader: a partition that cannot be
/// read holds up that partition alone, and a full disk is waited for.
enum Obstacle {
    /// What to show while it lasts; nil for an error that waiting does not cure.
    static func text(of error: any Error) -> String? {
        switch error {
        case let error as EventLogError where logCodes.contains(error.code): error.description
        case let error as TableError where tableCodes.contains(error.code & 0xff): "its database: \(error.message)"
        default: nil
        }
    }

    private static let logCodes: Set<EventLogError.Code> = [.unavailable, .corrupt, .missing]
    private static let tableCodes: Set<Int32> = [SQLITE_FULL, SQLITE_BUSY, SQLITE_READONLY]
}
