import GRDBSQLite
package import RoostCore
package import RoostLog

/// Applies events to the tables of one projection. State, checkpoint and what is set aside move in one transaction.
///
/// An event that cannot be applied is parked, and with it all later ones of its stream: what its handler wrote is taken back,
/// all others go on. A store without parking throws instead.
package final class ProjectionStore {
    package let store: ReaderStore
    private let routes: RouteTable<ProjectionRoute>
    private let wholeLog: (any WholeLogProjection.Type)?
    private let decoder: EventDecoder
    let name: String
    private let definitions: [TableDefinition]
    private var tables: Tables?
    package internal(set) var progress: [PartitionID: Progress]
    let settings: ParkingSettings?
    /// nil where a poison event stops the projection.
    var parked: ParkedSet?
    let mark: CrashMark?
    /// Each event is applied so that it can be taken back alone.
    private var isCareful: Bool
    /// Parked for themselves in the open transaction.
    var newlyParked: [ParkedEvent] = []
    /// Its rows were shown to others: every transaction is synced, and it is never made again.
    let isPublished: Bool
    /// nil where none is kept.
    private var journal: JournalKeeper?

    /// `build` names the code that runs, for the journal; without it none is kept, nor where a table has
    /// virtual columns.
    package init(
        _ projection: any Projection.Type, path: String?, logID: LogID, codec: PayloadCodec, isPublished: Bool = false,
        parking: ParkingSettings? = ParkingSettings(), build: String? = nil
    ) throws {
        name = projection.name
        definitions = projection.tables
        store = try ReaderStore(
            path: path, logID: logID, name: projection.name, revision: projection.revision,
            tables: projection.tables.map(\.sql), isSynced: isPublished)
        self.isPublished = isPublished
        routes = try RouteTable(of: projection.name, projection.routes, upcasters: codec.upcasters)
        wholeLog = projection as? any WholeLogProjection.Type
        decoder = codec.makeEventDecoder()
        progress = try store.progress()
        let settings = isPublished ? nil : parking
        self.settings = settings
        isCareful = settings?.isAlwaysCareful ?? false
        parked = settings == nil ? nil : try store.withTables { [progress] in try ParkedSet($0, progress) }
        mark = try settings?.markPath.map { try CrashMark(path: $0, crashesMax: settings?.crashesMax ?? 1) }
        if let place = mark?.condemned, let mark {
            try store.withTables { try parked?.condemn(place, after: mark.deaths, $0) }
            mark.pass()
        }
        guard let build else { return }
        journal = try store.withConnection { [definitions, progress] connection in
            guard try JournalKeeper.isPossible(definitions, in: connection) else { return nil }
            return try JournalKeeper(
                definitions, in: connection, at: progress.mapValues(\.position), build: build)
        }
    }

    // Before the connection goes.
    deinit { journal = nil }

    package func close() throws {
        tables?.close()
        tables = nil
        journal = nil
        try store.close()
    }

    /// The digest of all rows and of what is set aside: equal for equal rows, whatever the order in which they were written.
    package func root() throws -> [UInt8] { TableDigest.root(of: try roots() + setAsideRoots()) }

    /// The digest of each table's rows.
    package func roots() throws -> [TableRoot] {
        try store.withConnection { connection in
            if let broken = try TableDigest.brokenFullText(of: definitions, in: connection) {
                throw ReaderFailure("the full-text index \(broken) does not match its content")
            }
            return try TableDigest.roots(of: definitions, in: connection)
        }
    }

    /// The digest of what is parked and discarded; none where nothing is.
    package func setAsideRoots() throws -> [TableRoot] { try store.withConnection { try TableDigest.setAside(in: $0) } }

    /// Where the projection stands in a partition.
    package func progress(_ partition: PartitionID) -> Progress { progress[partition] ?? Progress() }

    /// Runs `body` in one transaction: everything it applies and every checkpoint it moves, or nothing. Runs it twice when it
    /// meets an event that is to be parked.
    package func transaction(_ body: () throws -> Void) throws {
        do {
            try attempt(body)
        } catch is PoisonFound {
            isCareful = true
            defer { isCareful = false }
            try attempt(body)
        }
        let events = newlyParked
        newlyParked = []
        for event in events { settings?.onParked(event) }
    }

    /// What the rows are by all that was done to them; nil without a journal.
    var hash: RowHash? { journal?.hash }

    private func attempt(_ body: () throws -> Void) throws {
        let (before, parkedBefore, hashBefore) = (progress, parked, hash)
        newlyParked = []
        mark?.begin()
        defer { mark?.end { progress($0).position } }
        try store.withConnection { connection in
            let tables = self.tables ?? Tables(connection: connection)
            self.tables = tables
            try tables.run("BEGIN IMMEDIATE")
            do {
                if Mutant.checkpointBeforeState.isPlanted { try saveCheckpointFirst(body, tables) }
                try body()
                // What follows concerns them all.
                mark?.begin()
                try saveChanges(since: before, tables)
                if before != progress || hash != hashBefore {
                    try journal?.note(progress.mapValues(\.position), tables)
                }
                Failpoint.beforeProjectionCommit.reach()
                try tables.run("COMMIT")
                journal?.committed(tables)
                Failpoint.afterProjectionCommit.reach()
            } catch {
                (progress, parked) = (before, parkedBefore)
                // A full disk may have rolled it back already.
                if tables.isInTransaction { try tables.run("ROLLBACK") }
                if let hashBefore { journal?.rolledBack(to: hashBefore) }
                throw error
            }
        }
    }

    /// Goes on from a checkpoint although the routes were changed: for what is never made again.
    func recount(_ reader: any PartitionReader) throws {
        try transaction {
            guard let tables, try ReaderStore.countedTypes(reader.partition, tables) != routes.types else { return }
            progress[reader.partition] = try progress(reader.partition).recounted(by: routes.types, reader)
            try ReaderStore.saveCountedTypes(routes.types, reader.partition, tables)
        }
    }

    /// Reads rows beside the transactions.
    package func rows(_ sql: String, _ value: SQLValue) throws -> [[SQLValue]] {
        try store.withConnection { connection in
            let tables = self.tables ?? Tables(connection: connection)
            self.tables = tables
            return try tables.rows(sql, value)
        }
    }

    /// The stored types that it does something about; nil for all.
    var storedTypes: Set<String>? { wholeLog == nil ? routes.types : nil }

    /// Applies contiguous events of one partition; inside `transaction` only.
    package func apply(_ events: some Sequence<RecordedEvent>, of partition: PartitionID) throws {
        try apply(events, of: partition, through: nil)
    }

    /// Applies a stretch: a whole one, or one that holds everything of `storedTypes` and filters the rest. Inside `transaction` only.
    package func apply(_ stretch: EventStretch, isWhole: Bool, of partition: PartitionID) throws {
        try apply(stretch.events, of: partition, through: isWhole ? nil : stretch.through)
    }

    private func apply(
        _ events: some Sequence<RecordedEvent>, of partition: PartitionID, through end: Position?
    ) throws {
        let tables = open
        var reached = progress(partition)
        for event in events {
            precondition(
                event.position == reached.position.next || end != nil && event.position > reached.position
                    || Mutant.skipGapCheck.isPlanted, "events reach a projection without holes")
            if end != nil { try passDiscards(in: partition, before: event.position, tables) }
            switch try take(event, partition, tables) {
            case .applied: reached.applied += 1
            case .parked: reached.parked += 1
            case .discarded: reached.discarded += 1
            case .filtered: break
            }
            reached.position = event.position
            reached.epoch = event.epoch
        }
        if let end {
            precondition(end >= reached.position, "a stretch holds no event beyond its end")
            try passDiscards(in: partition, before: end.next, tables)
            reached.position = end
        }
        progress[partition] = reached
    }

    /// Looks for the next discarded event of a partition where those before a position are passed by.
    private func passDiscards(in partition: PartitionID, before position: Position, _ tables: Tables) throws {
        guard let next = parked?.nextDiscard[partition], next < position else { return }
        try parked?.lookForDiscard(in: partition, after: Position(position.rawValue - 1), tables)
    }

    /// The tables of the open transaction.
    var open: Tables {
        guard let tables else { preconditionFailure("used outside a transaction") }
        return tables
    }

    /// Applies one event; inside `transaction` only. False when the event is filtered.
    func take(_ event: RecordedEvent, of partition: PartitionID) throws -> Bool {
        let applied = progress(partition).applied
        try apply(CollectionOfOne(event), of: partition)
        return progress(partition).applied > applied
    }

    /// Goes past an event without applying it: what a projection would be that had missed it. Inside `transaction` only.
    package func miss(_ event: RecordedEvent, of partition: PartitionID) {
        progress[partition, default: Progress()].position = event.position
    }

    /// Applies an event once more: what a projection would be that had taken it twice. Inside `transaction` only.
    func applyAgain(_ event: RecordedEvent, of partition: PartitionID) throws {
        do { _ = try handle(event, partition, open) } catch { throw stop(error, at: event) }
    }

    /// One row as it is now; inside `transaction` only.
    func row(_ sql: String, _ values: [SQLValue]) throws -> [SQLValue]? {
        try open.row(sql, values: values)
    }

    /// The columns and rows of a statement, beside the transactions.
    func table(_ sql: String) throws -> (columns: [String], rows: [[SQLValue]]) {
        try store.withConnection { connection in
            let tables = Tables(connection: connection)
            defer { tables.close() }
            return (try tables.columns(sql), try tables.rows(sql))
        }
    }

    /// The columns of a table, in order.
    func columns(of table: TableDefinition) throws -> [String] {
        try rows("SELECT name FROM pragma_table_info(?)", .text(table.name)).compactMap { $0.first?.text }
    }

    /// Stores which commit a checkpoint belongs to; inside `transaction` only.
    package func prove(_ partition: PartitionID, digest: [UInt8]) { progress[partition]?.digest = digest }

    /// Calls the handlers; false when the event is filtered.
    func handle(_ event: RecordedEvent, _ partition: PartitionID, _ tables: Tables) throws -> Bool {
        if let wholeLog {
            try wholeLog.take(event, in: partition, tables)
            return true
        }
        return try routes.take(event, decoder) { part, route in
            try PlantedPoison.taste(part)
            try route.apply(part, decoder.payloads, tables)
        }
    }

    private enum Outcome { case applied, filtered, parked, discarded }

    private func take(_ event: RecordedEvent, _ partition: PartitionID, _ tables: Tables) throws -> Outcome {
        if parked?.isEmpty == false, let outcome = try setAside(event, partition, tables) { return outcome }
        mark?.enter(EventPlace(partition: partition, position: event.position))
        do {
            let isApplied =
                try isCareful
                ? apart(tables) { try handle(event, partition, tables) } : handle(event, partition, tables)
            return isApplied ? .applied : .filtered
        } catch {
            guard parked != nil, Poison.isCause(error), tables.isInTransaction else { throw stop(error, at: event) }
            guard isCareful else { throw PoisonFound() }
            try park(event, partition, .failed, Poison.reason(error, at: event), tables)
            return .parked
        }
    }

    /// Runs `body` so that what it writes is taken back when it throws, and nothing else.
    private func apart(_ tables: Tables, _ body: () throws -> Bool) throws -> Bool {
        let before = hash
        try tables.run("SAVEPOINT roost_event")
        do {
            let result = try body()
            try tables.run("RELEASE roost_event")
            return result
        } catch {
            // The database itself may have ended the transaction.
            if tables.isInTransaction {
                try tables.run("ROLLBACK TO roost_event")
                try tables.run("RELEASE roost_event")
            }
            if let before { journal?.hash = before }
            throw error
        }
    }

    /// What is decided about an event before it is looked at; nil when it is to be applied.
    private func setAside(
        _ event: RecordedEvent, _ partition: PartitionID, _ tables: Tables
    ) throws -> Outcome? {
        let isHandled = wholeLog != nil || routes.handles(event)
        if parked?.nextDiscard[partition] == event.position {
            try parked?.lookForDiscard(in: partition, after: event.position, tables)
            if isHandled { return .discarded }
        }
        guard isHandled else { return .filtered }
        if parked?.streams.contains(event.stream) == true {
            try park(event, partition, .behind, "an earlier event of \(event.stream) is parked", tables, attempts: 0)
            return .parked
        }
        let place = EventPlace(partition: partition, position: event.position)
        guard let deaths = parked?.condemned[place] else { return nil }
        let reason = "the process died at it \(deaths == 1 ? "once" : "\(deaths) times")"
        try park(event, partition, .crashed, reason, tables, attempts: deaths)
        return .parked
    }

    private func park(
        _ event: RecordedEvent, _ partition: PartitionID, _ kind: ParkedEvent.Kind, _ reason: String, _ tables: Tables,
        attempts: UInt64 = 1
    ) throws {
        guard let settings else { return }
        let event = ParkedEvent(
            event, of: partition, kind: kind, reason: reason, at: settings.now(), attempts: attempts)
        try parked?.park(event, atMost: settings.streamsMax, in: name, tables)
        if kind != .behind { newlyParked.append(event) }
    }

    /// Why the projection cannot go on; what may pass stays as it is.
    private func stop(_ error: any Error, at event: RecordedEvent) -> any Error {
        if Obstacle.text(of: error) != nil { return error }
        return ReaderFailure(
            "\(name) failed at event \(event.eventID) (\(event.type), \(event.stream) version \(event.version), "
                + "position \(event.position)): \(error)", correlationID: event.correlationID)
    }

    /// What `Mutant.checkpointBeforeState` does.
    private func saveCheckpointFirst(_ body: () throws -> Void, _ tables: Tables) throws {
        let (before, parkedBefore, hashBefore) = (progress, parked, hash)
        try body()
        try tables.run("ROLLBACK")
        if let hashBefore { journal?.hash = hashBefore }
        try tables.run("BEGIN IMMEDIATE")
        try saveChanges(since: before, tables)
        try tables.run("COMMIT")
        try tables.run("BEGIN IMMEDIATE")
        (progress, parked) = (before, parkedBefore)
    }

    private func saveChanges(since before: [PartitionID: Progress], _ tables: Tables) throws {
        for (partition, progress) in progress.sorted(by: { $0.key < $1.key }) where before[partition] != progress {
            try tables.run(
                ReaderStore.saveSQL, .integer(Int64(partition.rawValue)),
                .integer(Int64(progress.position.rawValue)), .integer(Int64(progress.epoch.rawValue)),
                .blob(progress.digest), .integer(Int64(progress.applied)), .integer(Int64(progress.parked)),
                .integer(Int64(progress.discarded)))
        }
    }
}
