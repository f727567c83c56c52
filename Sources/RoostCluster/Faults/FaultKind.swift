/// What can be broken on purpose. The raw values are the words of topologies, drills and commands.
package enum FaultKind: String, Hashable, Sendable, CaseIterable {
    // Of messages on their way.
    case drop
    case dropFirst = "drop-first"
    case delay, duplicate, reorder, corrupt, cut
    // Of processes, each once.
    case kill, restart
    // Of processes, until cleared.
    case pause
    case clockOffset = "clock-offset"
    // Of the disk, as one process sees it.
    case fullDisk = "full-disk"
    case slowDisk = "slow-disk"
    case failingSync = "failing-sync"
    case lostWrites = "lost-writes"

    /// What a fault of this kind may be given. `kind` is always given.
    var keys: [String] {
        switch self {
        case .drop, .duplicate, .reorder, .corrupt: ["from", "to", "link", "rate", "seed"]
        case .dropFirst: ["from", "to", "link", "count"]
        case .delay: ["from", "to", "link", "by", "jitter", "seed"]
        case .cut: ["from", "to", "link", "both"]
        case .kill, .restart, .pause, .fullDisk, .lostWrites: ["process"]
        case .clockOffset: ["process", "offset"]
        case .slowDisk: ["process", "by", "jitter", "seed"]
        case .failingSync: ["process", "rate", "seed"]
        }
    }

    /// What it must be given.
    var requiredKeys: [String] {
        switch self {
        case .dropFirst: ["count"]
        case .delay: ["by"]
        case .clockOffset: ["process", "offset"]
        case .slowDisk: ["process", "by"]
        default: isOfMessages ? [] : ["process"]
        }
    }

    /// Broken by the proxy that messages pass through.
    package var isOfMessages: Bool { keys.contains("from") }

    /// Broken between a process and its disk.
    package var isOfDisk: Bool {
        switch self {
        case .fullDisk, .slowDisk, .failingSync, .lostWrites: true
        default: false
        }
    }

    /// Done once and over: nothing is left to clear.
    package var happensOnce: Bool { self == .kill || self == .restart }

    /// Needs messages that can be read: not those of CURVE.
    package var readsMessages: Bool { isOfMessages && self != .cut && self != .delay }

    /// Only in clusters that were started with faults allowed: messages take another way there, and files another layer.
    package var needsPermission: Bool { isOfMessages || isOfDisk }
}

/// Which connections between two processes a fault is about.
package enum FaultLink: String, Hashable, Sendable, CaseIterable {
    /// Events, from writers to those who follow them.
    case bus
    /// Commands to writers, and their answers.
    case commands
}
