/// A rehearsed failure: what is given, what is done at which time, and what has to hold before and after it.
///
/// A value that says what to do; running it is another target's matter.
package struct Drill: Sendable {
    /// The only format there is so far; the value of the key `drill`.
    package static let format = 1

    package enum Mode: String, Sendable, CaseIterable {
        /// The method as it is written; the verdict decides the exit code.
        case test
        /// Besides the method, a random choice of `explore`, drawn from the seed.
        case explore
    }

    /// What the cluster is before the method begins.
    package struct Given: Sendable {
        /// As it stands in the drill, relative to its file; nil for the one that the command names.
        package var topology: String?
        /// Laid over the topology, as YAML; nil changes nothing.
        package var overlay: String?
        /// By process: the moment at which it is killed, `NAME@COUNT` of `ROOST_FAILPOINT`.
        package var failpoints: [String: String] = [:]
        /// By process: the stream whose events its projection cannot apply until it is mended.
        package var poison: [String: String] = [:]
        /// Sent and settled before the method begins.
        package var load: DrillLoad?
    }

    /// When the method is given up: nothing is proved then.
    package struct StopConditions: Sendable, Hashable {
        /// Restarts of all processes together.
        package var restarts: Int?
        /// Events that one reader is behind.
        package var lag: Int?
        /// A process has failed for good.
        package var failed = false
        /// The method takes longer than this.
        package var after = Duration.seconds(120)
    }

    /// Chosen by the seed when a drill explores.
    package struct Exploration: Sendable {
        /// How many steps are drawn.
        package var picks = 3
        /// The time in which they begin.
        package var within = Duration.seconds(8)
        /// What is drawn from; a step may be drawn more than once.
        package var among: [DrillStep] = []
    }

    /// What a counter of a process has to be after the method: otherwise the failure did not take place.
    package struct Expectation: Sendable, Hashable {
        package var process: String
        package var counter: String
        package var range: ClosedRange<Int64>
        var place: TopologyMarks.Place
    }

    package var name: String
    package var title: String
    package var given = Given()
    /// Sent while the method runs.
    package var load: DrillLoad?
    /// Whether a reader asks every projection all the time.
    package var queriesAlways = false
    /// How long the steady state may take to come back.
    package var settleWithin = Duration.seconds(30)
    package var method: [DrillStep] = []
    package var stopIf = StopConditions()
    package var expected: [Expectation] = []
    /// What counters have to be, or something that had to be refused was not.
    package var ensured: [Expectation] = []
    package var seed: UInt64 = 1
    package var mode = Mode.test
    package var explore: Exploration?
    /// Where each word of the file stands first, besides those of its name and its title.
    let places: TopologyMarks

    /// As it was given when the drill was read.
    package var file: String { places.file }

    /// Those of the method, and those that may be drawn.
    package var allSteps: [DrillStep] { method + (explore?.among ?? []) }

    /// What is wrong with a word of the file.
    package func problem(about word: String, _ message: String, suggestion: String? = nil) -> TopologyProblem {
        places.problem(at: word, message, suggestion: suggestion)
    }

    /// What is wrong with something that is expected.
    package func problem(
        with expectation: Expectation, _ message: String, suggestion: String? = nil
    ) -> TopologyProblem {
        problem(at: expectation.place, message, suggestion: suggestion)
    }

    func problem(at place: TopologyMarks.Place, _ message: String, suggestion: String? = nil) -> TopologyProblem {
        TopologyProblem(
            file: file, line: place.line, column: place.column, message: message, suggestion: suggestion)
    }
}

/// Commands that are sent to the cluster.
package struct DrillLoad: Sendable, Hashable {
    /// The same command again and again, under another command ID each time. `{n}` stands for its number, from 0.
    package struct Repeated: Sendable, Hashable {
        package var command: String
        package var stream: String
        /// JSON.
        package var data: String
    }

    package var commands: Int
    /// Commands a second; nil means as fast as they are answered.
    package var rate: Int?
    /// How many send at the same time.
    package var clients = 1
    /// nil takes the application's own generator.
    package var repeated: Repeated?

    /// How long it takes at its rate; nil when that depends on the answers.
    package var duration: Duration? { rate.map { .milliseconds(commands * 1000 / max($0, 1)) } }
}
