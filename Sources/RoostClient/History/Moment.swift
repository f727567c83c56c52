package import RoostCore

/// Up to where a stream is looked at.
package enum Moment: Hashable, Sendable {
    case newest
    case version(StreamVersion)
    /// What the log had recorded by then: a prefix of the stream.
    case recorded(Timestamp)
    /// What had happened by then, whenever it was recorded.
    case occurred(Timestamp)

    /// What a person may write for a time.
    package static let timeHelp =
        "in UTC, as in 2026-11-25T15:00:00Z; seconds and zone may be missing, or all but the date"

    /// ISO 8601, with or without seconds, or a date alone. Without a zone it is UTC.
    package static func time(_ text: String) -> Timestamp? {
        [text, text + "Z", text + ":00Z"].lazy.compactMap { Timestamp($0) }.first
    }

    static func refuseFuture(_ time: Timestamp, now: Timestamp) throws {
        guard time > now else { return }
        throw ClientError(
            .usage, code: "timeInFuture", "\(time) has not come yet: it is \(now)", hint: "give a time that has passed")
    }

    var time: Timestamp? {
        switch self {
        case .newest, .version: nil
        case .recorded(let time), .occurred(let time): time
        }
    }
}
