import ArgumentParser
import RoostClient
import RoostCore

/// A moment as people write it.
struct TimeArgument: ExpressibleByArgument, Sendable {
    static let help = Moment.timeHelp
    let time: Timestamp

    init?(argument: String) {
        guard let time = Moment.time(argument) else { return nil }
        self.time = time
    }
}
