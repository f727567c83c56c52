import Foundation
import RoostZeroMQ
import Testing

@testable import RoostCluster

@Suite("The keys of a cluster")
struct ClusterKeysTests {
    private let path = NSTemporaryDirectory() + "roost-keys-\(UUID().uuidString)"
    private var keys: ClusterKeys { ClusterKeys(path: path) }

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

    @Test("A list that is gone is not made again: somebody may have been taken off it")
    func lostList() throws {
        defer { _ = try? FileManager.default.removeItem(atPath: path) }
        try keys.prepare(clients: ["search"])
        try FileManager.default.removeItem(atPath: "\(path)/allowed")
        #expect(throws: KeyError.self) { try keys.server() }
        #expect(throws: KeyError.self) { try keys.prepare(clients: ["search", "dashboard"]) }
        #expect(throws: KeyError.self) { try keys.prepare(clients: ["search"]) }
        #expect(!FileManager.default.fileExists(atPath: "\(path)/allowed"))
    }

    @Test("A cluster key that is gone is not made again: nobody is listed for a new one")
    func lostClusterKey() throws {
        defer { _ = try? FileManager.default.removeItem(atPath: path) }
        try keys.prepare(clients: ["search"])
        let list = try String(contentsOfFile: "\(path)/allowed", encoding: .utf8)
        try FileManager.default.removeItem(atPath: "\(path)/_cluster.key")
        let error = #expect(throws: KeyError.self) { try keys.prepare(clients: ["search"]) }
        #expect(error?.next.contains("remove \(path) for new keys") == true)
        #expect(try String(contentsOfFile: "\(path)/allowed", encoding: .utf8) == list)
        try FileManager.default.removeItem(atPath: path)
        try keys.prepare(clients: ["search"])
        #expect(throws: Never.self) { try keys.server() }
    }

    @Test(
        "What is wrong with the keys is said, with the file and what to do",
        arguments: [
            ("search.key", "short", "holds no CURVE key"),
            ("search.key", nil, "is missing"),
            ("_cluster.public", "", "holds no public key"),
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
            error?.message.contains(reason) == true && error?.message.contains(file) == true, "\(error as Any)")
    }

    @Test("A line that is no key, and a key that others can read, are refused")
    func refused() throws {
        defer { _ = try? FileManager.default.removeItem(atPath: path) }
        try keys.prepare(clients: ["search"])
        try change("allowed") { $0 + "not-a-key somebody\n" }
        let error = #expect(throws: KeyError.self) { try keys.server() }
        #expect(error?.message.contains("allowed, line 2: 'not-a-key'") == true, "\(error as Any)")
        chmod("\(path)/search.key", 0o644)
        #expect(throws: KeyError.self) { try keys.client("search") }
    }
}
