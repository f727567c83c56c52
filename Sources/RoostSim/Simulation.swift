package import RoostCore
import RoostNode

/// Runs actors on one thread in an order drawn from a seed, with a clock that jumps: the same seed and the same build
/// give the same history.
///
/// Every actor gets a lane of its own, so every hop is a choice and races that a shared executor hides show up.
package final class Simulation: TaskExecutor, @unchecked Sendable {
    // @unchecked: confined to the thread that calls `run`; a job from another thread traps.
    private struct Entry {
        let job: UnownedJob
        let lane: Lane?
        let id: UInt64
    }
    private struct Alarm {
        let at: Int64
        let id: UInt64
        let fire: () -> Void
    }

    private var random: SeededRandom
    private var ready: [Entry] = []
    private var alarms: [Alarm] = []
    private var count: UInt64 = 0
    private let owner = ThreadIdentity()
    /// Virtual nanoseconds.
    private var nanoseconds: Int64
    /// A hash over every choice made so far.
    package private(set) var history: UInt64 = 0xcbf2_9ce4_8422_2325

    /// Starts at `start`, a moment in virtual time.
    package init(seed: UInt64, start: Timestamp = Timestamp(seconds: 1_291_190_400)) {
        random = SeededRandom(seed: seed)
        nanoseconds = start.nanoseconds
    }

    /// The virtual moment.
    package var now: Timestamp { Timestamp(nanoseconds: nanoseconds) }

    /// No job is ready: only alarms are left.
    package var isIdle: Bool { ready.isEmpty }

    /// Draws a number from the seed.
    package func draw(below bound: Int) -> Int { Int(random.next().multipliedFullWidth(by: UInt64(bound)).high) }

    /// A generator with a sequence of its own.
    package func makeGenerator() -> SeededRandom { SeededRandom(seed: random.next()) }

    /// Adds something observable to the history.
    package func note(_ value: UInt64) { history = (history ^ value) &* 0x0000_0100_0000_01b3 }

    /// Puts a job among those that may run next.
    package func enqueue(_ job: consuming ExecutorJob) { add(UnownedJob(job), nil) }

    fileprivate func add(_ job: UnownedJob, _ lane: Lane?) {
        precondition(owner.isCurrent, "a job reached the simulation from another thread")
        count += 1
        ready.append(Entry(job: job, lane: lane, id: count))
    }

    /// Calls `fire` after `duration` of virtual time; returns a number to cancel it by.
    package func after(_ duration: Duration, _ fire: @escaping () -> Void) -> UInt64 {
        count += 1
        alarms.append(Alarm(at: (now + duration).nanoseconds, id: count, fire: fire))
        return count
    }

    package func cancel(_ alarm: UInt64) { alarms.removeAll { $0.id == alarm } }

    /// Starts a task whose every step is one of the simulation's choices.
    package func start(_ body: @escaping @Sendable () async -> Void) {
        _ = Task(executorPreference: self, operation: body)
    }

    /// An executor for one actor.
    package func lane() -> any SerialExecutor { Lane(self) }

    /// Runs until `isDone`, or until nothing is left to do; returns what `isDone` says then.
    @discardableResult
    package func run(stepsMax: Int = 10_000_000, until isDone: () -> Bool) -> Bool {
        var steps = 0
        while !isDone(), steps < stepsMax {
            steps += 1
            if ready.isEmpty {
                guard fireNextAlarm() else { return isDone() }
            } else {
                runOne()
            }
        }
        return isDone()
    }

    private func runOne() {
        let index = ready.count == 1 ? 0 : draw(below: ready.count)
        ready.swapAt(index, ready.count - 1)
        let entry = ready.removeLast()
        note(entry.id)
        if let lane = entry.lane {
            entry.job.runSynchronously(
                isolatedTo: lane.asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
        } else {
            entry.job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }

    private func fireNextAlarm() -> Bool {
        guard let index = alarms.indices.min(by: { (alarms[$0].at, alarms[$0].id) < (alarms[$1].at, alarms[$1].id) })
        else { return false }
        let alarm = alarms.remove(at: index)
        nanoseconds = max(nanoseconds, alarm.at)
        note(UInt64(bitPattern: alarm.at))
        alarm.fire()
        return true
    }

    /// One per actor: a hop to the actor always goes through the simulation.
    fileprivate final class Lane: SerialExecutor, @unchecked Sendable {
        // @unchecked: immutable.
        private let simulation: Simulation
        init(_ simulation: Simulation) { self.simulation = simulation }
        func enqueue(_ job: consuming ExecutorJob) { simulation.add(UnownedJob(job), self) }
    }
}
