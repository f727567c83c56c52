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

    enum Stranger: CaseIterable { case unlisted, wrongServer, withoutCurve }

    private func security(_ stranger: Stranger) -> SocketSecurity {
        switch stranger {
        case .unlisted: .client(self.stranger, server: server.publicKey)
        case .wrongServer: .client(guest, server: self.stranger.publicKey)
        case .withoutCurve: .none
        }
    }

    private func dealer(_ security: SocketSecurity, to endpoint: String, _ text: String, _ sent: Received) throws {
        let dealer = try Socket(.dealer, on: sent.thread, options: options(security))
        sent.keep([dealer])
        try dealer.connect(endpoint)
        dealer.onWritable { _ = sent.send([Bytes(text)], on: dealer) }
    }

    @Test("A stranger is turned away and counted, and a listed key is let in beside it", arguments: Stranger.allCases)
    func router(_ stranger: Stranger) async throws {
        let received = Received()
        let refused = Fired()
        let endpoint = try await received.thread.run { () throws in
            let router = try server(of: [guest.publicKey], .router, received)
            try router.onRefused { refused.add(1) }
            router.onReadable { received.take(router) }
            let endpoint = try router.bind("tcp://127.0.0.1:*")
            try dealer(security(stranger), to: endpoint, "stranger", received)
            return endpoint
        }
        await refused.wait(for: 1)
        try await received.thread.run { () throws in
            try dealer(.client(guest, server: server.publicKey), to: endpoint, "guest", received)
        }
        await received.wait(for: 1)
        #expect(received.texts == ["guest"])
        await received.close()
    }

    @Test("Every server of a thread has a list of its own, also after another one was closed")
    func ownLists() async throws {
        let received = Received()
        let refused = Fired()
        try await received.thread.run { () throws in
            let first = try server(of: [guest.publicKey], .router, received)
            _ = try first.bind("tcp://127.0.0.1:*")
            first.close()
            let second = try server(of: [stranger.publicKey], .router, received)
            try second.onRefused { refused.add(1) }
            second.onReadable { received.take(second) }
            let endpoint = try second.bind("tcp://127.0.0.1:*")
            try dealer(.client(guest, server: server.publicKey), to: endpoint, "guest", received)
        }
        await refused.wait(for: 1)
        #expect(received.messages.isEmpty)
        await received.close()
    }

    @Test("A publisher is heard by a listed key alone")
    func publisher() async throws {
        let (heard, overheard) = (Received(), Received())
        let refused = Fired()
        try await heard.thread.run { () throws in
            let publisher = try server(of: [guest.publicKey], .pub, heard)
            try publisher.onRefused { refused.add(1) }
            let endpoint = try publisher.bind("tcp://127.0.0.1:*")
            for (pair, received) in [(stranger, overheard), (guest, heard)] {
                let subscriber = try Socket(
                    .sub, on: heard.thread, options: options(.client(pair, server: server.publicKey)))
                heard.keep([subscriber])
                try subscriber.subscribe("")
                try subscriber.connect(endpoint)
                subscriber.onReadable { received.take(subscriber) }
            }
            heard.keep([publisher])
        }
        await refused.wait(for: 1)
        while heard.messages.count < 20 {
            await heard.thread.run { heard.sendFromLast(Bytes("secret")) }
            usleep(2000)
        }
        #expect(overheard.messages.isEmpty)
        overheard.thread.shutdown()
        await heard.close()
    }

    @Test("A flood of strangers does not stop a server, nor does closing it under the flood stop its thread")
    func flood() async throws {
        let received = Received()
        let refused = Fired()
        let port = try await received.thread.run { () throws in
            let router = try server(of: [guest.publicKey], .router, received)
            try router.onRefused { refused.add(1) }
            router.onReadable { received.take(router) }
            let endpoint = try router.bind("tcp://127.0.0.1:*")
            try dealer(.client(guest, server: server.publicKey), to: endpoint, "guest", received)
            return try #require(endpoint.split(separator: ":").last.flatMap { UInt16($0) })
        }
        for _ in 0..<3000 { Scratch.sendRaw([0xFF] + [UInt8](repeating: 0x7F, count: 63), port: port) }
        await received.wait(for: 1)
        await refused.wait(for: 100)
        let isOver = Fired()
        let flooding = Task.detached {
            while isOver.values.isEmpty { Scratch.sendRaw([UInt8](repeating: 0x7F, count: 64), port: port) }
        }
        await received.close()
        isOver.add(1)
        await flooding.value
    }

    private func server(of allowed: Set<String>, _ kind: Socket.Kind, _ received: Received) throws -> Socket {
        let socket = try Socket(kind, on: received.thread, options: options(.server(server, allowed: allowed)))
        received.keep([socket])
        return socket
    }
}
