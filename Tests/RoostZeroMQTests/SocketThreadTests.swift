import Glibc
import RoostZeroMQ
import Synchronization
import Testing

private actor Counter {
    private let thread: SocketThread
    private(set) var count = 0
    private(set) var strayed = 0
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(thread: SocketThread) { self.thread = thread }

    func add() {
        count += 1
        if !thread.isCurrent { strayed += 1 }
    }

    func addAfterSleep() async throws {
        try await thread.sleep(for: .milliseconds(1))
        add()
    }

    nonisolated func assumed() { assumeIsolated { $0.count += 1 } }
}

@Suite(.timeLimit(.minutes(1)))
struct SocketThreadTests {
    @Test("Actors stay on the thread, before and after they wait")
    func actorsStayOnTheThread() async throws {
        let thread = SocketThread(name: "test")
        let counters = (0..<8).map { _ in Counter(thread: thread) }
        try await withThrowingTaskGroup { group in
            for index in 0..<400 {
                group.addTask { await counters[index % 8].add() }
                group.addTask(executorPreference: thread) { try await counters[index % 8].addAfterSleep() }
            }
            try await group.waitForAll()
        }
        for counter in counters {
            #expect(await counter.count == 100)
            #expect(await counter.strayed == 0)
        }
        thread.shutdown()
    }

    @Test("A task that prefers the thread runs on it, also after its continuation was resumed elsewhere")
    func preferringTasksStayOnTheThread() async {
        let thread = SocketThread(name: "test")
        let other = SocketThread(name: "other")
        await withTaskGroup { group in
            group.addTask(executorPreference: thread) {
                for _ in 0..<100 {
                    #expect(thread.isCurrent)
                    await withCheckedContinuation { continuation in other.perform { continuation.resume() } }
                    #expect(thread.isCurrent)
                }
            }
        }
        thread.shutdown()
        other.shutdown()
    }

    @Test("Isolation can be assumed on the thread")
    func isolationCanBeAssumed() async {
        let thread = SocketThread(name: "test")
        let counter = Counter(thread: thread)
        await thread.run { counter.assumed() }
        #expect(await counter.count == 1)
        thread.shutdown()
    }

    @Test("Isolation assumed elsewhere traps")
    func isolationIsChecked() async {
        await #expect(processExitsWith: .failure) {
            let thread = SocketThread(name: "test")
            Counter(thread: thread).assumed()
        }
    }

    @Test("A socket used from another thread traps")
    func socketsAreConfined() async {
        await #expect(processExitsWith: .failure) {
            let thread = SocketThread(name: "test")
            _ = try Socket(.pub, on: thread)
        }
    }

    @Test("A thread does not end while a socket is open")
    func openSocketsAreFound() async {
        await #expect(processExitsWith: .failure) {
            let thread = SocketThread(name: "test")
            try await thread.run { _ = try Socket(.pub, on: thread) }
            thread.shutdown()
        }
    }

    @Test("Timers fire in the order of their times, and a cancelled one does not")
    func timersFireInOrder() async {
        let thread = SocketThread(name: "test")
        let fired = Fired()
        await withCheckedContinuation { continuation in
            thread.perform {
                thread.schedule(after: .milliseconds(300)) { continuation.resume() }
                thread.schedule(after: .milliseconds(200)) { fired.add(3) }
                thread.schedule(after: .milliseconds(100)) { fired.add(2) }
                let cancelled = thread.schedule(after: .milliseconds(50)) { fired.add(0) }
                thread.schedule(after: .zero) { fired.add(1) }
                thread.cancel(cancelled)
            }
        }
        #expect(fired.values == [1, 2, 3])
        thread.shutdown()
    }

    @Test("Thousands of cancelled timers do not disturb the order of the rest")
    func cancelledTimers() async {
        let thread = SocketThread(name: "test")
        let fired = Fired()
        await withCheckedContinuation { continuation in
            thread.perform {
                for value in 0..<2000 {
                    let isKept = value % 100 == 0
                    let timer = thread.schedule(after: isKept ? .milliseconds(30) : .milliseconds(value)) {
                        fired.add(value)
                    }
                    if !isKept { thread.cancel(timer) }
                }
                thread.schedule(after: .milliseconds(30)) { continuation.resume() }
            }
        }
        #expect(fired.values == stride(from: 0, to: 2000, by: 100).map { $0 })
        thread.shutdown()
    }

    @Test("A timer set from another thread wakes a sleeping one")
    func timersWake() async {
        let thread = SocketThread(name: "test")
        for milliseconds in [5, 1, 9, 0, 2, 7, 3, 3, 1, 10] {
            await withCheckedContinuation { continuation in
                thread.schedule(after: .milliseconds(milliseconds)) { continuation.resume() }
            }
        }
        thread.shutdown()
    }

    @Test("A cancelled sleep ends at once with CancellationError")
    func sleepIsCancelled() async {
        let thread = SocketThread(name: "test")
        let task = Task(executorPreference: thread) { try await thread.sleep(for: .seconds(3600)) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        thread.shutdown()
    }

    @Test("What is queued before shutdown still runs")
    func shutdownDrains() async {
        let thread = SocketThread(name: "test")
        let fired = Fired()
        for value in 0..<1000 { thread.perform { fired.add(value) } }
        thread.shutdown()
        #expect(fired.values == Array(0..<1000))
    }

    @Test("The end of a turn comes after all jobs of the turn")
    func endOfTurn() async {
        let thread = SocketThread(name: "test")
        let fired = Fired()
        thread.perform {
            thread.atEndOfTurn { fired.add(2) }
            thread.perform { fired.add(1) }
            fired.add(0)
        }
        thread.shutdown()
        #expect(fired.values == [0, 1, 2])
    }

    @Test("An idle thread uses no processor time")
    func idleThreadSleeps() async {
        let thread = SocketThread(name: "test")
        let before = await thread.run { Self.threadTime() }
        await withCheckedContinuation { continuation in
            thread.schedule(after: .milliseconds(200)) { continuation.resume() }
        }
        let used = await thread.run { Self.threadTime() } - before
        #expect(used < .milliseconds(50))
        thread.shutdown()
    }

    private static func threadTime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}

final class Fired: Sendable {
    private let list = Mutex<[Int]>([])
    var values: [Int] { list.withLock { $0 } }
    func add(_ value: Int) { list.withLock { $0.append(value) } }

    func wait(for count: Int) async {
        while values.count < count {
            usleep(500)
            await Task.yield()
        }
    }
}
