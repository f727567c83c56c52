/// When a projection parks what it cannot apply, and when it stops instead.
public struct ParkingPolicy: Hashable, Sendable {
    /// Streams that may be parked at a time: with one more the projection stops.
    public var streams: Int
    /// How often the process may die at one event before that is parked.
    public var crashes: Int

    /// The values of a topology that says nothing.
    public init(streams: Int = 1000, crashes: Int = 3) {
        self.streams = streams
        self.crashes = crashes
    }
}
