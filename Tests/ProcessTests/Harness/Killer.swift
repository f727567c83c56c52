import Foundation
import RoostCore
import Testing

/// Kills processes at moments drawn from a seed, and waits until each is back.
struct Killer {
    let cluster: ClusterUnderTest
    private var random: SeededRandom
    private var kills: [String: Int] = [:]

    init(_ cluster: ClusterUnderTest, seed: UInt64 = Seed.current) {
        self.cluster = cluster
        random = SeededRandom(seed: seed)
    }

    /// Lets the log grow a little and kills one replica of a process, which may still be coming back from the kill
    /// before: then that is waited for.
    mutating func kill(_ name: String) throws {
        try cluster.waitForNewEvents(Int.random(in: 1...60, using: &random))
        let replicas = try cluster.ps().processes.filter { $0.name == name || $0.name.hasPrefix(name + "-") }
        let victim = try #require(replicas.randomElement(using: &random), "no process '\(name)'")
        let pid = try #require(try waitUntilBack(victim.name).pid)
        try #require(Foundation.kill(pid, SIGKILL) == 0)
        kills[victim.name, default: 0] += 1
    }

    /// Ready again after its last kill.
    @discardableResult
    func waitUntilBack(_ name: String) throws -> PsReport.Process {
        let count = kills[name, default: 0]
        let back = try cluster.wait("ready after kill \(count)", for: name) { $0.restarts >= count && $0.ready }
        try #require(back.restarts == count, "it ended without being killed: \(back)")
        try #require(count == 0 || back.lastExit?.signal == SIGKILL, "\(back)")
        return back
    }

    /// Everything is ready, and nothing ended but what was killed.
    func expectAllBack() throws {
        for process in try cluster.ps().processes { try waitUntilBack(process.name) }
    }
}

extension ClusterUnderTest {
    /// Returns when the log has this many more events than now.
    func waitForNewEvents(_ count: Int) throws {
        let start = try LogFold.heads(self)
        try eventually("\(count) new events after \(start)") { try LogFold.heads(self) >= start + UInt64(count) }
    }
}
