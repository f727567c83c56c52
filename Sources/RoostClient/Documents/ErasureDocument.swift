package import RoostCore
package import RoostTrace

/// The certificate of an erasure: what was done, and what was looked through. Document `roost.erasure/1`.
package struct ErasureDocument: Codable, Sendable {
    package static let schema = "roost.erasure/1"

    /// A file that was looked through for every personal value of the subject.
    package struct Scanned: Codable, Sendable {
        /// Below the cluster's directory.
        package let path: String
        package let bytes: UInt64
        /// Values that it holds because others have them too, such as the name of a town.
        package let shared: Int
    }

    package let schema: String
    package let cluster: String
    package let subject: String
    package let logID: LogID
    package let beganAt: Timestamp
    package let destroyedAt: Timestamp
    /// Events of the log that held data of the subject, and the streams they are in.
    package let events: Int
    package let streams: Int
    package let keysDestroyed: Int
    /// Personal values that were looked for, and those that were not: numbers, and texts shorter than four bytes.
    package let valuesSought: Int
    package let valuesNotSought: Int
    /// Processes that said they had let go of all keys.
    package let acknowledgedBy: [String]
    /// Projections that were made again because they were shown some of it.
    package let remade: [String]
    package let snapshotsDropped: Int
    /// Commands with data that reactors had put off because of events with some of it.
    package let timersDropped: Int
    /// Public events whose content was removed from the feeds.
    package let publishedRedacted: Int
    package let scanned: [Scanned]
    /// The event that records the erasure; null when the domain records none.
    @Explicit package internal(set) var recordedIn: String?

    init(
        cluster: String, subject: String, logID: LogID, beganAt: Timestamp, destroyedAt: Timestamp, data: SubjectData,
        keysDestroyed: Int, work: ErasureWork
    ) {
        schema = Self.schema
        self.cluster = cluster
        self.subject = subject
        self.logID = logID
        self.beganAt = beganAt
        self.destroyedAt = destroyedAt
        events = data.events
        streams = data.streams.count
        self.keysDestroyed = keysDestroyed
        valuesSought = data.distinct
        valuesNotSought = data.notSought
        acknowledgedBy = work.acknowledgedBy
        remade = work.remade
        snapshotsDropped = work.snapshotsDropped
        timersDropped = work.timersDropped
        publishedRedacted = work.publishedRedacted
        scanned = work.scanned
        _recordedIn = Explicit(wrappedValue: nil)
    }
}

/// What an erasure has done so far.
struct ErasureWork {
    var acknowledgedBy: [String] = []
    var remade: [String] = []
    var snapshotsDropped = 0
    var timersDropped = 0
    var publishedRedacted = 0
    var scanned: [ErasureDocument.Scanned] = []
}
