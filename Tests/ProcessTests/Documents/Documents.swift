/// What the command line prints under `--json`, with the fields the contract names: decoded here by itself, so that a
/// changed name is found.
protocol Document: Decodable, Sendable {
    static var schemaName: String { get }
    var schema: String { get }
}

struct PsReport: Document {
    static let schemaName = "roost.ps/1"

    struct Exit: Decodable, Sendable {
        let code: Int32?
        let signal: Int32?
        let reason: String
    }

    struct Process: Decodable, Sendable {
        let name: String
        let role: String
        let pid: Int32?
        let state: String
        let ready: Bool
        let restarts: Int
        let lastExit: Exit?
        let waitingFor: String?
        let endpoints: [String]
        let partitions: [UInt32]
        let counters: [String: Int64]
    }

    let schema: String
    let cluster: String
    let gateway: String?
    let processes: [Process]
    let faults: [String]

    var restarts: [String: Int] {
        Dictionary(uniqueKeysWithValues: processes.map { ($0.name, $0.restarts) })
    }
}

struct SentReport: Document, Equatable {
    static let schemaName = "roost.sent/1"

    let schema: String
    let outcome: String
    let code: String?
    let reason: String?
    let next: String?
    let correlationID: String?
    let commandID: String
    let stream: String
    let events: Int
    let version: UInt64
    let partition: UInt32?
    let position: UInt64
}

struct LoadReport: Document {
    static let schemaName = "roost.load/1"

    let schema: String
    let read: Int
    let accepted: Int
    let rejected: Int
    let skipped: Int
    let unsettled: Int
    let reasons: [String: Int]
}

struct TraceReport: Document {
    static let schemaName = "roost.trace/1"

    struct Handling: Decodable, Sendable, Hashable {
        let process: String
        let work: String
        let startedAt: String
        let endedAt: String
        let isFromLog: Bool
        let retries: Int
    }

    struct Event: Decodable, Sendable {
        let eventID: String
        let type: String
        let stream: String
        let causationID: String?
        let correlationID: String
        let process: String?
        let appliedBy: [String]
        let occurredAt: String
        let traceparent: String?
        let handled: [Handling]?
    }

    struct Finding: Decodable, Sendable { let kind: String }
    struct Rejected: Decodable, Sendable {
        let command: String
        let stream: String
        let code: String
    }

    let schema: String
    let correlationID: String
    let complete: Bool
    let events: [Event]
    let findings: [Finding]?
    let rejected: [Rejected]?

    /// Every cause is in the chain; one event has none.
    var isWhole: Bool {
        let known = Set(events.map(\.eventID))
        return complete && events.count { $0.causationID == nil } == 1
            && events.compactMap(\.causationID).allSatisfy { known.contains($0) }
            && events.allSatisfy { $0.correlationID == correlationID }
    }
}

struct EventsReport: Document {
    static let schemaName = "roost.events/1"

    struct Event: Decodable, Sendable {
        let eventID: String
        let type: String
        let stream: String
        let version: UInt64
        let correlationID: String
    }

    let schema: String
    let events: [Event]
}

struct ProjectionsReport: Document {
    static let schemaName = "roost.projections/1"

    struct Partition: Decodable, Sendable {
        let partition: UInt32
        let head: UInt64
        let applied: UInt64
        let filtered: UInt64
        let parked: UInt64
        let discarded: UInt64
        let pending: UInt64

        /// Law 5.
        var balances: Bool { head == applied + filtered + parked + discarded + pending }
    }

    struct Reader: Decodable, Sendable {
        let name: String
        let kind: String
        let state: String
        let partitions: [Partition]
    }

    let schema: String
    let projections: [Reader]
}

struct QueryReport<Row: Decodable & Sendable>: Document {
    static var schemaName: String { "roost.query/1" }

    let schema: String
    let rows: [Row]
}

struct RebuildReport: Document {
    static let schemaName = "roost.rebuild/1"

    let schema: String
    let projection: String
    struct Table: Decodable, Sendable {
        let name: String
        let equal: Bool
    }

    struct Difference: Decodable, Sendable {
        let table: String
        let key: String
        let cause: String
        let eventID: String?
        let before: [String]
        let after: [String]
    }

    struct Parting: Decodable, Sendable {
        struct Event: Decodable, Sendable {
            let eventID: String
            let event: String
        }
        let cause: String
        let batch: UInt64?
        let build: String?
        let events: [Event]
    }

    struct Predicted: Decodable, Sendable {
        let events: UInt64
        let secondsAtMost: Double
        let rows: UInt64
        let memory: UInt64
    }

    let partings: [Parting]
    let memory: UInt64
    let predicted: Predicted?
    let events: UInt64
    let base: UInt64?
    let kept: String?
    let verdict: String
    let root: String
    let swapped: Bool
    let tables: [Table]
    let differences: [Difference]
    let certificate: String?
    let seconds: Double
}

struct VerifyReport: Document {
    static let schemaName = "roost.verify/1"

    struct Finding: Decodable, Sendable {
        let partition: UInt32
        let position: UInt64
        let problem: String
    }

    let schema: String
    let ok: Bool
    let events: UInt64
    let findings: [Finding]
}

/// An error under `--json` and over HTTP.
struct ErrorReport: Decodable, Sendable {
    let code: String
    let message: String
    let hint: String?
}
