import Glibc
import RoostCluster

/// Somebody's connection to a writer, and the proxy's own behind it. Used by one thread.
final class ProxyConnection {
    let link: ProxiedLink
    private let peer: Int32
    private let writer: Int32
    private var toWriter: ProxyPump
    private var fromWriter: ProxyPump
    private(set) var isClosed = false
    private(set) var messages = 0

    init(_ link: ProxiedLink, peer: Int32, writer: Int32) {
        self.link = link
        self.peer = peer
        self.writer = writer
        toWriter = ProxyPump(link, fromWriter: false)
        fromWriter = ProxyPump(link, fromWriter: true)
    }

    deinit {
        close(peer)
        close(writer)
    }

    /// What to wait for at both ends; who is not waited for is left out, so that its end wakes nobody.
    var polled: [pollfd] {
        [(peer, toWriter, fromWriter), (writer, fromWriter, toWriter)].map { descriptor, out, into in
            let events = (out.wantsToRead ? POLLIN : 0) | (into.wantsToWrite ? POLLOUT : 0)
            return pollfd(fd: events == 0 ? -1 : descriptor, events: Int16(events), revents: 0)
        }
    }

    var deadline: Duration? { [toWriter.deadline, fromWriter.deadline].compactMap { $0 }.min() }

    func update(_ active: [ActiveFault], at now: Duration) {
        toWriter.update(active, at: now)
        fromWriter.update(active, at: now)
    }

    func takeEffects() -> [Int: [String: Int64]] {
        toWriter.takeEffects().merging(fromWriter.takeEffects()) { $0.merging($1) { $0 + $1 } }
    }

    /// Does what can be done now, as `poll` found the two ends.
    func work(_ found: [pollfd], at now: Duration) {
        let isReadable = found.map { $0.revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 }
        if isReadable[0], toWriter.wantsToRead { messages += toWriter.read(from: peer, at: now) }
        if isReadable[1], fromWriter.wantsToRead { messages += fromWriter.read(from: writer, at: now) }
        let isAlive = toWriter.write(to: writer, at: now) && fromWriter.write(to: peer, at: now)
        if !isAlive || toWriter.isDone || fromWriter.isDone { isClosed = true }
    }
}
