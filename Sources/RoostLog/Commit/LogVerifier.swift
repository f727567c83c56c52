package import RoostCore

/// Checks what a partition holds against itself, page by page: positions, versions, back pointers, epochs, digests.
package struct LogVerifier {
    /// After this many findings the rest is not worth listing.
    package static let findingsMax = 100

    package private(set) var findings: [LogFinding] = []
    /// Where every stream ends, as the events say.
    package private(set) var heads: [StreamName: StreamHead] = [:]
    package private(set) var position = Position.start
    private let partition: PartitionID
    /// What is before it counts as checked.
    private let start: Position
    private let epochs: Set<Epoch>
    private var epoch = Epoch.none
    private var recorded = Timestamp(nanoseconds: .min)
    private var commits: ArraySlice<CommitRecord> = []
    private var commitEnd = Position.start
    private var chain: [UInt8] = []
    private var digest = CommitDigest(after: [])

    /// Checks everything after `start`, the last event of this commit; all of the partition without one.
    package init(partition: PartitionID, epochs: Set<Epoch>, after start: CommitRecord? = nil) {
        self.partition = partition
        self.epochs = epochs
        self.start = start?.last ?? .start
        guard let start else { return }
        (position, commitEnd, epoch) = (start.last, start.last, start.epoch)
        (recorded, chain) = (start.recorded, start.digest)
    }

    /// Takes the next events and the commits that start among them, both in order. `previous` holds the stored back
    /// pointer of each event; nil where a store has none.
    package mutating func check(_ page: EventPage, previous: [Position]?, commits more: [CommitRecord]) {
        commits += more.filter { $0.last > commitEnd }
        commitEnd = commits.last?.last ?? commitEnd
        for (index, event) in page.enumerated() {
            checkPlace(event, previous: previous?[index])
            checkCommit(event)
        }
    }

    /// Reports what is missing at the end: a commit without its events.
    package mutating func finish() {
        if let open = commits.first { report(open.last, "the commit \(open.first)–\(open.last) lacks events") }
    }

    package mutating func report(_ position: Position, _ problem: String) {
        guard findings.count < Self.findingsMax else { return }
        findings.append(LogFinding(partition: partition, position: position, problem: problem))
    }

    private mutating func checkPlace(_ event: RecordedEvent, previous: Position?) {
        if event.position != position.next {
            report(event.position, "position \(position.next) expected, \(event.position) found")
        }
        position = event.position
        let head = heads[event.stream] ?? earlierHead(of: event, previous: previous)
        if event.version != head.version.next {
            report(position, "version \(head.version.next) of its stream expected, \(event.version) found")
        }
        if let previous, previous != head.position {
            report(position, "previous event of its stream at \(head.position), stored as \(previous)")
        }
        heads[event.stream] = StreamHead(version: event.version, position: position)
        if event.epoch < epoch { report(position, "epoch \(event.epoch) after \(epoch)") }
        if !epochs.contains(event.epoch) { report(position, "epoch \(event.epoch) was never claimed") }
        if event.recorded < recorded { report(position, "recorded before the event that precedes it") }
        (epoch, recorded) = (event.epoch, event.recorded)
    }

    /// Where the stream of an event stood that it shows for the first time: before the start, if the event says so.
    private func earlierHead(of event: RecordedEvent, previous: Position?) -> StreamHead {
        guard let previous, previous > .start, previous <= start, event.version.rawValue > 1 else { return .none }
        return StreamHead(version: StreamVersion(event.version.rawValue - 1), position: previous)
    }

    private mutating func checkCommit(_ event: RecordedEvent) {
        guard let commit = commits.first, commit.first <= position else {
            return report(position, "the event belongs to no commit")
        }
        if position == commit.first { digest = CommitDigest(after: chain) }
        if event.epoch != commit.epoch { report(position, "epoch \(event.epoch) in a commit of \(commit.epoch)") }
        if event.recorded != commit.recorded { report(position, "recorded time differs from its commit's") }
        event.canonicalBytes.withUnsafeBytes { digest.add($0) }
        guard position >= commit.last else { return }
        if digest.finish() != commit.digest {
            report(position, "the digest of positions \(commit.first)–\(commit.last) does not match their events")
        }
        chain = commit.digest
        commits.removeFirst()
    }
}
