import Testing

@testable import RoostCluster

@Suite("Restart policy")
struct RestartTests {
    private func pauses(
        _ history: inout RestartHistory, ready: Bool, every gap: Duration = .seconds(10), count: Int
    ) -> [RestartHistory.Decision] {
        (0..<count).map { index in
            history.ended(.signal(9), wasReady: ready, reason: nil, at: gap * (index + 1))
        }
    }

    @Test("Pauses double from the first to the longest")
    func doubling() {
        let policy = RestartPolicy(max: 100, backoff: .milliseconds(100) ... .seconds(1))
        var history = RestartHistory(policy: policy)
        let expected = [100, 200, 400, 800, 1000, 1000].map {
            RestartHistory.Decision.restart(after: .milliseconds($0))
        }
        #expect(pauses(&history, ready: false, count: 6) == expected)
    }

    @Test("A writer is started again at once the first time")
    func writer() {
        var history = RestartHistory(policy: .standard(for: .aggregate))
        let expected = [0, 100, 200].map { RestartHistory.Decision.restart(after: .milliseconds($0)) }
        #expect(pauses(&history, ready: false, count: 3) == expected)
    }

    @Test("A process that had become ready is started again at once, every time")
    func afterReady() {
        var history = RestartHistory(policy: .standard(for: .projection))
        #expect(pauses(&history, ready: true, count: 3) == Array(repeating: .restart(after: .zero), count: 3))
    }

    @Test("More ends than allowed within the window are given up, with the last reason")
    func tooMany() {
        var history = RestartHistory(policy: RestartPolicy(max: 3, within: .seconds(60)))
        let decisions = pauses(&history, ready: true, every: .seconds(1), count: 4)
        #expect(decisions.last == .giveUp("ended 4 times within 1m, last: signal 9 (SIGKILL)"))
    }

    @Test("Ends spread wider than the window never count as too many")
    func spread() {
        var history = RestartHistory(policy: RestartPolicy(max: 3, within: .seconds(20)))
        #expect(
            pauses(&history, ready: true, every: .seconds(10), count: 50).allSatisfy { $0 == .restart(after: .zero) })
    }

    @Test("An error that another start cannot change is given up at once")
    func permanent() {
        var history = RestartHistory(policy: RestartPolicy(when: .always))
        #expect(history.ended(.code(78), wasReady: false, reason: nil, at: .zero) == .giveUp("exit code 78"))
        #expect(history.ended(.code(70), wasReady: true, reason: "torn", at: .zero) == .giveUp("torn"))
        #expect(history.ended(.code(70), wasReady: true, reason: nil, at: .zero) == .restart(after: .zero))
    }

    @Test("Exit code 0 is restarted only when the policy says always")
    func success() {
        var onFailure = RestartHistory(policy: RestartPolicy(when: .onFailure))
        var always = RestartHistory(policy: RestartPolicy(when: .always))
        var never = RestartHistory(policy: RestartPolicy(when: .never))
        #expect(onFailure.ended(.code(0), wasReady: true, reason: nil, at: .zero) == .rest)
        #expect(always.ended(.code(0), wasReady: true, reason: nil, at: .zero) == .restart(after: .zero))
        #expect(never.ended(.code(0), wasReady: true, reason: nil, at: .zero) == .rest)
        #expect(never.ended(.code(1), wasReady: true, reason: nil, at: .zero) == .giveUp("exit code 1"))
    }

    @Test("Durations are read as they are written", arguments: ["250ms", "10s", "1m", "2h", "0ms"])
    func durations(_ text: String) throws {
        #expect(DurationText.text(try #require(DurationText.parse(text))) == text)
    }

    @Test("Parts of a unit are read to the millisecond")
    func parts() {
        #expect(DurationText.parse("0.5s") == .milliseconds(500) && DurationText.parse("1.25m") == .seconds(75))
    }

    @Test(
        "What is no duration is refused",
        arguments: ["", "10", "s", "-1s", "1.s", ".5s", "1.5.1s", "0.5ms", "10 s", "99999999999999999999h"])
    func noDurations(_ text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test("How a process ended is told apart by code and by signal")
    func exits() {
        #expect(ProcessExit(waitStatus: 0) == .code(0))
        #expect(ProcessExit(waitStatus: 78 << 8) == .code(78))
        #expect(ProcessExit(waitStatus: 9) == .signal(9))
        #expect(ProcessExit(waitStatus: 11 | 0x80) == .signal(11))
    }
}
