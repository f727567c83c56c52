import ArgumentParser
import RoostCore

/// A moment as people write it: ISO 8601, with or without seconds, or a date alone. Without a zone it is UTC.
struct TimeArgument: ExpressibleByArgument, Sendable {
    static let help = "in UTC, as in 2026-11-25T15:00:00Z; seconds and zone may be missing, or all but the date"
    let time: Timestamp

    init?(argument: String) {
        let forms = [argument, argument + "Z", argument + ":00Z"]
        guard let time = forms.lazy.compactMap({ Timestamp($0) }).first else { return nil }
        self.time = time
    }
}
