package import RoostCore

/// How a projection deals with events that it cannot apply.
package struct ParkingSettings: Sendable {
    /// Streams that may be parked at a time: with one more the projection stops.
    package var streamsMax = 1000
    /// How often a process may die at one event before that is parked.
    package var crashesMax: UInt64 = 3
    /// When something is parked: for people.
    package var now: @Sendable () -> Timestamp = { Timestamp(nanoseconds: 0) }
    /// The file that tells the next life of the process what this one is at; nil where nobody comes after it.
    package var markPath: String?
    /// Told of each event that was parked for itself, once that is committed.
    package var onParked: @Sendable (ParkedEvent) -> Void = { _ in }
    /// Every event is applied so that it alone can be taken back: for who cannot run a transaction twice.
    var isAlwaysCareful = false

    package init() {}

    /// For folds in memory whose transactions run once.
    static let careful: ParkingSettings = {
        var settings = ParkingSettings()
        settings.isAlwaysCareful = true
        return settings
    }()
}
