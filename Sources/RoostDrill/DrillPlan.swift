import RoostClient
package import RoostCluster
import RoostCore

/// What a drill would do, in the order of time. Part of document `roost.drill-plans/1`.
package struct DrillPlan: Encodable, Sendable {
    package struct Step: Encodable, Sendable {
        /// Seconds from the start of the method.
        package let at: Double
        package let words: String
        package let commands: [String]
    }

    package let drill: String
    package let title: String
    package let topology: String
    package let seed: UInt64
    package let mode: String
    package let commandsBefore: Int
    package let commandsDuring: Int
    package let steps: [Step]
    /// From the times and rates of the drill, on a machine that keeps up.
    package let predictedSeconds: Double

    package init(_ drill: Drill, topology: String, seed: UInt64?, mode: Drill.Mode?) {
        var drill = drill
        drill.seed = seed ?? drill.seed
        drill.mode = mode ?? drill.mode
        var random = SeededRandom(seed: drill.seed)
        let steps = drill.steps(exploring: &random)
        let up = drill.up(home: "HOME", cluster: "drill")
        self.drill = drill.name
        title = drill.title
        self.topology = topology
        self.seed = drill.seed
        self.mode = drill.mode.rawValue
        commandsBefore = drill.given.load?.commands ?? 0
        commandsDuring = drill.load?.commands ?? 0
        self.steps = steps.map { step in
            Step(
                at: step.at.fractionalSeconds, words: step.words,
                commands: step.commands(home: "HOME", cluster: "drill", up: up)
                    .map { "roost " + $0.joined(separator: " ") })
        }
        let loads = [drill.given.load, drill.load].compactMap { $0 }
        let sending = drill.load?.duration?.fractionalSeconds ?? Self.seconds(drill.load)
        let method = max(steps.last?.at.fractionalSeconds ?? 0, sending)
        predictedSeconds =
            Self.startAndStop + Self.seconds(drill.given.load) + method + Self.look
            * Double(1 + loads.reduce(0) { $0 + $1.commands } / 2000)
    }

    /// Measured on two cores: what every drill needs besides its method.
    private static let startAndStop = 3.0
    private static let look = 1.5
    private static let commandsPerSecond = 1000.0

    private static func seconds(_ load: DrillLoad?) -> Double { Double(load?.commands ?? 0) / commandsPerSecond }
}

/// Document `roost.drill-plans/1`.
package struct DrillPlans: Encodable, Sendable {
    package let schema = "roost.drill-plans/1"
    package let plans: [DrillPlan]
    package init(plans: [DrillPlan]) { self.plans = plans }
}

/// Several reports. Document `roost.drill-reports/1`.
package struct DrillReports: Codable, Sendable {
    package let schema: String
    package let reports: [DrillReport]
    package init(_ reports: [DrillReport]) {
        schema = "roost.drill-reports/1"
        self.reports = reports
    }
}
