package import RoostClient
package import RoostCore
import RoostLog
package import RoostNode
import Synchronization

/// Every command that a drill has sent, with the answer it got: what the log has to hold.
package final class DrillLedger: Sendable {
    /// A command with the answer that counts.
    package struct Entry: Sendable {
        package let commandID: CommandID
        package let stream: StreamName
        package let answer: CommandAnswer

        fileprivate var place: LogContent.Place { LogContent.Place(stream: stream, commandID: commandID) }

        fileprivate func isAcknowledged(in partition: PartitionID) -> Bool {
            answer.outcome == .accepted && answer.events > 0 && answer.partition == partition
        }
    }

    private struct State {
        var entries: [Entry] = []
        var load = DrillReport.Load()
        /// Tried for the whole time that a load gives its commands, without an answer that counts.
        var unsettled: [Entry] = []
    }

    private let state = Mutex(State())

    package init() {}

    /// `isCutShort`: nobody waited for the answer any more.
    package func record(_ command: ImportedCommand, _ answer: CommandAnswer, isCutShort: Bool = false) {
        let entry = Entry(commandID: command.commandID, stream: command.stream, answer: answer)
        state.withLock {
            $0.entries.append(entry)
            if answer.outcome.isRetriable, !isCutShort { $0.unsettled.append(entry) }
        }
    }

    /// The commands that nobody accepted or refused, however long they were tried.
    package var unsettledFindings: [DrillFinding] {
        let unsettled = state.withLock { $0.unsettled }
        guard let first = unsettled.first else { return [] }
        let answer = first.answer.reason ?? first.answer.outcome.word
        let message =
            "\(unsettled.count) commands were neither accepted nor refused within the time they were tried, "
            + "the first of them \(first.commandID) to \(first.stream): \(answer)"
        return [DrillFinding(.notRecovered, message)]
    }

    /// Adds what a load came to.
    package func add(_ document: LoadDocument) {
        state.withLock {
            $0.load.sent += document.commands
            $0.load.accepted += document.accepted
            $0.load.rejected += document.rejected
            $0.load.unsettled += document.unsettled
            $0.load.retries += document.retries
        }
    }

    /// A backup took the place of the log: what came after it was taken back on purpose.
    package func restored(to positions: [PartitionID: Position]) {
        state.withLock { state in
            let before = state.entries.count
            state.entries.removeAll {
                $0.answer.outcome == .accepted && $0.answer.position > positions[$0.answer.partition] ?? .start
            }
            state.load.takenBack += before - state.entries.count
        }
    }

    package var entries: [Entry] { state.withLock { $0.entries } }

    package var load: DrillReport.Load {
        state.withLock { state in
            var load = state.load
            load.acknowledged = state.entries.count { $0.answer.outcome == .accepted && $0.answer.events > 0 }
            return load
        }
    }
}

/// What a whole log holds, by command.
package struct LogContent {
    package struct Place: Hashable {
        package let stream: StreamName
        package let commandID: CommandID
    }

    package struct Stored {
        package var last: Position
        package var events: UInt32
        /// Commits that hold events of the command: never more than one.
        package var runs = 1
    }

    package private(set) var stored: [Place: Stored] = [:]
    package private(set) var findings: [DrillFinding] = []
    /// Events that an owner stored after another had claimed its partition, and stored some.
    package private(set) var stale = 0
    private var events: Set<EventID> = []
    private var newest: [PartitionID: Epoch] = [:]

    package init() {}

    package mutating func add(_ event: RecordedEvent, in partition: PartitionID) {
        let epoch = newest[partition] ?? event.epoch
        if event.epoch < epoch { stale += 1 }
        newest[partition] = max(epoch, event.epoch)
        if !events.insert(event.eventID).inserted {
            findings.append(DrillFinding(.doubled, "event \(event.eventID) is in the log twice"))
        }
        let place = Place(stream: event.stream, commandID: event.commandID)
        guard var known = stored[place] else {
            stored[place] = Stored(last: event.position, events: 1)
            return
        }
        if event.position != known.last.next { known.runs += 1 }
        known.last = event.position
        known.events += 1
        stored[place] = known
    }

    /// What the log does not hold as it was answered. `unread` says why a partition cannot be read to its end: what was
    /// acknowledged there, and nobody can read any more, is lost.
    package func compare(
        with entries: [DrillLedger.Entry], unread: [PartitionID: String] = [:]
    ) -> [DrillFinding] {
        let doubled = stored.filter { $0.value.runs > 1 }.map { place, _ in
            DrillFinding(.doubled, "command \(place.commandID) has stored events in \(place.stream) more than once")
        }.sorted { $0.message < $1.message }
        let damaged = unread.sorted { $0.key < $1.key }.map { partition, problem in
            let lost = entries.count { $0.isAcknowledged(in: partition) && stored[$0.place] == nil }
            return lost == 0
                ? DrillFinding(.logDamaged, problem)
                : DrillFinding(.acknowledgedLost, "\(lost) accepted commands cannot be read any more: \(problem)")
        }
        return findings + doubled + damaged
            + entries.filter { unread[$0.answer.partition] == nil }.compactMap { compare($0) }
    }

    private func compare(_ entry: DrillLedger.Entry) -> DrillFinding? {
        let found = stored[entry.place]
        let name = "command \(entry.commandID) to \(entry.stream)"
        switch entry.answer.outcome {
        case .accepted where entry.answer.events > 0:
            guard let found else {
                return DrillFinding(.acknowledgedLost, "\(name) was accepted; the log has no event of it")
            }
            guard found.events >= entry.answer.events else {
                return DrillFinding(
                    .acknowledgedLost,
                    "\(name) was accepted with \(entry.answer.events) events; the log has \(found.events)")
            }
            if found.runs > 1 { return nil }
            guard found.events == entry.answer.events, found.last == entry.answer.position else {
                return DrillFinding(.answeredWrongly, "\(name) was answered with another position than it has")
            }
            return nil
        case .rejected where entry.answer.code != "commandIDReused", .conflict:
            return found.map { _ in DrillFinding(.answeredWrongly, "\(name) was refused although it is in the log") }
        default: return nil
        }
    }
}
