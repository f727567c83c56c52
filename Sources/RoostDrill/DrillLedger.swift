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
    }

    private struct State {
        var entries: [Entry] = []
        var load = DrillReport.Load()
    }

    private let state = Mutex(State())

    package init() {}

    package func record(_ command: ImportedCommand, _ answer: CommandAnswer) {
        state.withLock {
            $0.entries.append(Entry(commandID: command.commandID, stream: command.stream, answer: answer))
        }
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
    private var events: Set<EventID> = []

    package init() {}

    package mutating func add(_ event: RecordedEvent) {
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

    /// What the log does not hold as it was answered.
    package func compare(with entries: [DrillLedger.Entry]) -> [DrillFinding] {
        let doubled = stored.filter { $0.value.runs > 1 }.map { place, _ in
            DrillFinding(.doubled, "command \(place.commandID) has stored events in \(place.stream) more than once")
        }.sorted { $0.message < $1.message }
        return findings + doubled + entries.compactMap { compare($0) }
    }

    private func compare(_ entry: DrillLedger.Entry) -> DrillFinding? {
        let found = stored[Place(stream: entry.stream, commandID: entry.commandID)]
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
