import Foundation
import RoostCore
import RoostZeroMQ
import Testing

@Suite("CURVE and the allow-list", .timeLimit(.minutes(1)))
struct CurveTests {
    private let server: CurveKeyPair
    private let guest: CurveKeyPair
    private let stranger: CurveKeyPair

    init() throws {
        server = try .make()
        guest = try .make()
        stranger = try .make()
    }

    private func options(_ security: SocketSecurity) -> SocketOptions {
        var options = SocketOptions()
        options.security = security
        return options
    }

    @Test("A listed key may send; a strange key, a wrong server key and none at all are turned away and counted")
    func router() async throws {
        let thread = SocketThread(name: "test")
        let received = Received()
        let refused = Fired()
        let server = SocketSecurity.server(server, allowed: [guest.publicKey])
        let strangers: [SocketSecurity] = [
            .client(stranger, server: self.server.publicKey), .client(guest, server: stranger.publicKey), .none,
        ]
        let endpoint = try await thread.run { () throws in
            let router = try Socket(.router, on: thread, options: options(server))
            router.onReadable { received.take(router) }
            try router.onRefused { refused.add(1) }
            let endpoint = try router.bind("tcp://127.0.0.1:*")
            received.keep([router])
            for (number, security) in strangers.enumerated() {
                let dealer = try Socket(.dealer, on: thread, options: options(security))
                try dealer.connect(endpoint)
                dealer.onWritable { _ = received.send([Bytes("stranger \(number)")], on: dealer) }
                received.keep([dealer])
            }
            return endpoint
        }
        // Each of them tries again and again: one refusal a round.
        while refused.values.count < 12 { await Task.yield() }
        try await thread.run { () throws in
            let dealer = try Socket(
                .dealer, on: thread, options: options(.client(guest, server: self.server.publicKey)))
            try dealer.connect(endpoint)
            dealer.onWritable { #expect(received.send([Bytes("guest")], on: dealer)) }
            received.keep([dealer])
        }
        await received.wait(for: 1)
        #expect(received.texts == ["guest"])
        await received.close(on: thread)
    }

    @Test("A publisher behind the list is heard by a listed key alone; a second server shares the list")
    func publisher() async throws {
        let thread = SocketThread(name: "test")
        let (heard, overheard) = (Received(), Received())
        let security = SocketSecurity.server(server, allowed: [guest.publicKey])
        try await thread.run { () throws in
            let other = try Socket(.router, on: thread, options: options(security))
            _ = try other.bind("tcp://127.0.0.1:*")
            let publisher = try Socket(.pub, on: thread, options: options(security))
            let endpoint = try publisher.bind("tcp://127.0.0.1:*")
            other.close()
            for (pair, received) in [(stranger, overheard), (guest, heard)] {
                let subscriber = try Socket(
                    .sub, on: thread, options: options(.client(pair, server: server.publicKey)))
                try subscriber.subscribe("")
                try subscriber.connect(endpoint)
                subscriber.onReadable { received.take(subscriber) }
                heard.keep([subscriber])
            }
            heard.keep([publisher])
        }
        while heard.messages.count < 20 {
            await thread.run { heard.sendFromLast(Bytes("secret")) }
            usleep(2000)
        }
        #expect(overheard.messages.isEmpty)
        await heard.close(on: thread)
    }
}

@Suite("The directory of keys")
struct KeyDirectoryTests {
    private let path = Scratch.directory() + "-keys"
    private var keys: KeyDirectory { KeyDirectory(path: path) }

    private func change(_ file: String, _ change: (String) -> String) throws {
        let text = try String(contentsOfFile: "\(path)/\(file)", encoding: .utf8)
        try Data(change(text).utf8).write(to: URL(fileURLWithPath: "\(path)/\(file)"))
    }

    @Test("Keys are made once, are the owner's alone, and their clients are let in")
    func prepared() throws {
        defer { _ = try? FileManager.default.removeItem(atPath: path) }
        try keys.prepare(clients: ["search"])
        let (server, search) = (try keys.server(), try keys.client("search"))
        guard case .server(let pair, let allowed) = server, case .client(let own, let trusted) = search else {
            Issue.record("\(server) \(search)")
            return
        }
        #expect(allowed == [own.publicKey])
        #expect(trusted == pair.publicKey)
        try keys.prepare(clients: ["search", "gateway"])
        #expect(try keys.client("search") == search)
        guard case .server(pair, let more) = try keys.server() else {
            Issue.record("another server key")
            return
        }
        #expect(more.count == 2 && more.isSuperset(of: allowed))
        for file in try FileManager.default.contentsOfDirectory(atPath: path) {
            var status = stat()
            #expect(stat("\(path)/\(file)", &status) == 0 && status.st_mode & 0o777 == 0o600, "\(file)")
        }
    }

    @Test("A line taken off the list stays off; a new client does not bring it back")
    func banned() throws {
        defer { _ = try? FileManager.default.removeItem(atPath: path) }
        try keys.prepare(clients: ["search", "dashboard"])
        try change("allowed") { $0.split(separator: "\n").filter { !$0.hasSuffix("search") }.joined(separator: "\n") }
        try keys.prepare(clients: ["search", "dashboard", "gateway"])
        guard case .server(_, let allowed) = try keys.server(), case .client(let search, _) = try keys.client("search")
        else {
            Issue.record("no keys")
            return
        }
        #expect(allowed.count == 2 && !allowed.contains(search.publicKey))
    }

    @Test("A list that is gone is made again from the keys that are there")
    func lostList() throws {
        defer { _ = try? FileManager.default.removeItem(atPath: path) }
        try keys.prepare(clients: ["search", "dashboard"])
        let before = try keys.server()
        try FileManager.default.removeItem(atPath: "\(path)/allowed")
        #expect(throws: KeyError.self) { try keys.server() }
        try keys.prepare(clients: ["search", "dashboard"])
        #expect(try keys.server() == before)
    }

    @Test(
        "What is wrong with the keys is said, with the file and what to do",
        arguments: [
            ("search.key", "short", "holds no CURVE key"),
            ("search.key", nil, "cannot be read"),
            ("_cluster.key", "", "holds no CURVE key"),
        ])
    func broken(_ file: String, _ text: String?, _ reason: String) throws {
        defer { _ = try? FileManager.default.removeItem(atPath: path) }
        try keys.prepare(clients: ["search"])
        if let text {
            try change(file) { _ in text }
        } else {
            try FileManager.default.removeItem(atPath: "\(path)/\(file)")
        }
        let error = #expect(throws: KeyError.self) { try keys.client("search") }
        #expect(
            error?.description.contains(reason) == true && error?.description.contains(file) == true, "\(error as Any)")
    }

    @Test("A line that is no key, and a key that others can read, are refused")
    func refused() throws {
        defer { _ = try? FileManager.default.removeItem(atPath: path) }
        try keys.prepare(clients: ["search"])
        try change("allowed") { $0 + "not-a-key somebody\n" }
        let error = #expect(throws: KeyError.self) { try keys.server() }
        #expect(error?.description.contains("allowed, line 2: 'not-a-key'") == true, "\(error as Any)")
        chmod("\(path)/search.key", 0o644)
        #expect(throws: KeyError.self) { try keys.client("search") }
    }
}
