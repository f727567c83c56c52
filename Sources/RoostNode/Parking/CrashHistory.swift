import RoostCore

/// What a process was at when its life ended, and how often lives have ended at one event. A value: what a file held goes in,
/// what it shall hold comes out.
struct CrashHistory: Hashable, Sendable {
    enum Doing: UInt64, Sendable {
        /// Nothing that applies events.
        case nothing
        /// A batch of events; which of them is not known.
        case batch
        /// One event.
        case event
        /// One parked event that somebody wants to be tried again.
        case retry
    }

    var doing = Doing.nothing
    /// The event that it was at.
    var place: EventPlace?
    /// The event at which the last lives ended.
    private(set) var suspect: EventPlace?
    private(set) var deaths: UInt64 = 0
    /// The parked event at which the last lives ended when it was tried again. Its checkpoint is far behind, so it is kept apart.
    private(set) var retried: EventPlace?
    private(set) var retryDeaths: UInt64 = 0

    init() {}

    /// What the next life begins with.
    func afterDeath() -> CrashHistory {
        var next = self
        next.doing = .nothing
        next.place = nil
        guard let place else { return next }
        if doing == .event {
            next.deaths = place == suspect ? deaths + 1 : 1
            next.suspect = place
        } else if doing == .retry {
            next.retryDeaths = place == retried ? retryDeaths + 1 : 1
            next.retried = place
        }
        return next
    }

    /// Whether the life before did not end in peace: then every event is noted before it is applied.
    var callsForCare: Bool { doing != .nothing || suspect != nil }

    /// The suspect is behind: it was applied after all, or parked.
    mutating func pass() {
        suspect = nil
        deaths = 0
    }

    /// What was tried again is over, well or not.
    mutating func forgetRetry() {
        retried = nil
        retryDeaths = 0
    }

    // MARK: - As bytes

    static let wordCount = 10
    private static let magic: UInt64 = 0x3152_4154_534b_5230

    var words: [UInt64] {
        [Self.magic, doing.rawValue] + Self.words(of: place) + Self.words(of: suspect) + [deaths]
            + Self.words(of: retried) + [retryDeaths]
    }

    /// Nothing for what is no history.
    init(words: [UInt64]) {
        guard words.count == Self.wordCount, words[0] == Self.magic, let doing = Doing(rawValue: words[1]) else {
            return
        }
        self.doing = doing
        place = Self.place(words[2], words[3])
        suspect = Self.place(words[4], words[5])
        deaths = words[6]
        retried = Self.place(words[7], words[8])
        retryDeaths = words[9]
    }

    private static func words(of place: EventPlace?) -> [UInt64] {
        [UInt64(place?.partition.rawValue ?? 0), place?.position.rawValue ?? 0]
    }

    private static func place(_ partition: UInt64, _ position: UInt64) -> EventPlace? {
        guard position > 0, let partition = UInt32(exactly: partition) else { return nil }
        return EventPlace(partition: PartitionID(partition), position: Position(position))
    }
}
