import RoostCore
public import RoostLog

/// The contract of `EventLog` as a list of checks that any implementation can run:
///
///     @Test("My log keeps the contract", arguments: EventLogContract.checks)
///     func contract(_ check: EventLogContract.Check) async throws {
///         try await check.run(on: .init(make: { try MyLog(identity: $0) }, reopen: { try ($0 as! MyLog).reopened() }))
///     }
public enum EventLogContract {
    /// Makes logs to check.
    public struct Fixture: Sendable {
        /// Makes an empty log, one that shares nothing with any other.
        public var make: @Sendable (LogIdentity) async throws -> any EventLog
        /// Opens the same log again, as another process would. A log that lives in memory returns itself.
        public var reopen: @Sendable (any EventLog) async throws -> any EventLog

        /// `reopen` may be left out for a log that lives in memory.
        public init(
            make: @escaping @Sendable (LogIdentity) async throws -> any EventLog,
            reopen: @escaping @Sendable (any EventLog) async throws -> any EventLog = { $0 }
        ) {
            self.make = make
            self.reopen = reopen
        }
    }

    /// One sentence of the contract. Throws `ContractViolation` when a log breaks it.
    public struct Check: Sendable, CustomStringConvertible {
        /// The sentence.
        public let description: String
        private let body: @Sendable (Bench) async throws -> Void

        init(_ sentence: String, _ body: @escaping @Sendable (Bench) async throws -> Void) {
            description = sentence
            self.body = body
        }

        /// Checks the sentence on a new log.
        public func run(on fixture: Fixture) async throws {
            let log = try await fixture.make(.sample())
            do {
                try await body(Bench(fixture: fixture, log: log))
            } catch let violation as ContractViolation {
                throw ContractViolation("\(description). \(violation)")
            }
        }
    }

    /// Every sentence.
    public static let checks: [Check] = appending + commands + owning + reading + proving
}

/// A log under test and short ways to use it. Works on partition 2, which holds every stream `stock/…`.
struct Bench: Sendable {
    static let partition = PartitionID(2)
    let fixture: EventLogContract.Fixture
    let log: any EventLog

    func claim(_ number: UInt64 = 1) async throws -> any PartitionWriter {
        try await log.claim(Self.partition, .sample(number))
    }

    func reader() throws -> any PartitionReader { try log.reader(Self.partition) }

    /// The same log as another process sees it.
    func reopened() async throws -> Bench { Bench(fixture: fixture, log: try await fixture.reopen(log)) }

    /// All events of the partition, read page by page.
    func everything(pageLimit: Int = 10_000) throws -> [RecordedEvent] {
        let reader = try reader()
        var events: [RecordedEvent] = []
        while true {
            let page = try reader.events(after: events.last?.position ?? .start, limit: pageLimit)
            if page.isEmpty { return events }
            events += page
        }
    }
}

extension PartitionWriter {
    /// Appends at a fixed time; most checks do not care which.
    func append(_ proposals: Proposal...) async throws -> [AppendOutcome] {
        try await append(proposals, at: Timestamp(seconds: 1_700_000_000))
    }
}

extension AppendOutcome {
    static func committed(_ version: UInt64, at position: UInt64) -> AppendOutcome {
        .committed(version: StreamVersion(version), position: Position(position))
    }

    static func conflict(_ version: UInt64) -> AppendOutcome { .versionConflict(actual: StreamVersion(version)) }
}

/// Runs `body` and returns the code of the log error it throws; anything else is a violation.
func failure(_ what: String, _ body: () async throws -> Void) async throws -> EventLogError.Code {
    do { try await body() } catch let error as EventLogError { return error.code }
    throw ContractViolation("\(what): an error expected, none thrown")
}
