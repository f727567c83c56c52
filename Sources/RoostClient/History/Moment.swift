package import RoostCore

/// Up to where a stream is looked at.
package enum Moment: Hashable, Sendable {
    case newest
    case version(StreamVersion)
    /// What the log had recorded by then: a prefix of the stream.
    case recorded(Timestamp)
    /// What had happened by then, whenever it was recorded.
    case occurred(Timestamp)

    var time: Timestamp? {
        switch self {
        case .newest, .version: nil
        case .recorded(let time), .occurred(let time): time
        }
    }
}
