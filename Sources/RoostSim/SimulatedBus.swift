package import RoostCore
package import RoostNode

/// A bus in memory that delays, reorders, repeats and loses messages as its seed says.
package final class SimulatedBus: BusOutlet, @unchecked Sendable {
    // @unchecked: confined to the simulation's thread.
    package struct Faults: Sendable {
        /// Of 100 messages.
        package var lostPercent = 0
        package var repeatedPercent = 0
        package var delayMax: Duration = .milliseconds(2)
        package init(lostPercent: Int = 0, repeatedPercent: Int = 0) {
            self.lostPercent = lostPercent
            self.repeatedPercent = repeatedPercent
        }
    }

    private let simulation: Simulation
    private let faults: Faults
    private var feeds: [Feed] = []

    package init(_ simulation: Simulation, faults: Faults = Faults()) {
        self.simulation = simulation
        self.faults = faults
    }

    package func subscribe(_ feed: Feed) { feeds.append(feed) }

    package func publish(_ message: BusMessage) {
        for feed in feeds where simulation.draw(below: 100) >= faults.lostPercent {
            let copies = simulation.draw(below: 100) < faults.repeatedPercent ? 2 : 1
            for _ in 0..<copies {
                let microseconds = Int(faults.delayMax / .microseconds(1))
                let delay = Duration.microseconds(1 + simulation.draw(below: max(1, microseconds)))
                _ = simulation.after(delay) { feed.offer(message) }
            }
        }
    }
}
