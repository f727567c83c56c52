import Foundation
import Testing

@testable import RoostCluster

@Suite("Cluster directory")
struct DirectoryTests {
    @Test("Only the owner may enter the run directory or read the token")
    func permissions() throws {
        try withTemporaryRoot { root in
            let directory = ClusterDirectory(name: "shop", root: root)
            try directory.create()
            #expect(mode(directory.run) == 0o700)
            #expect(mode(directory.tokenFile) == 0o600)
            #expect(try directory.token().count == 64)
        }
    }

    @Test("The token outlives a second start and differs between clusters")
    func token() throws {
        try withTemporaryRoot { root in
            let one = ClusterDirectory(name: "one", root: root)
            let two = ClusterDirectory(name: "two", root: root)
            try one.create()
            try two.create()
            let first = try one.token()
            try one.create()
            #expect(try one.token() == first)
            #expect(try two.token() != first)
        }
    }

    @Test("One supervisor at a time holds a directory")
    func lock() throws {
        try withTemporaryRoot { root in
            let directory = ClusterDirectory(name: "shop", root: root)
            try directory.create()
            var first: ClusterLock? = try ClusterLock.take(directory)
            #expect(first != nil)
            #expect(try ClusterLock.take(directory) == nil)
            first = nil
            #expect(try ClusterLock.take(directory) != nil)
        }
    }

    @Test("Sockets move to a short directory when the path is too long for them")
    func longPath() throws {
        let short = ClusterDirectory(path: "/tmp/a")
        let long = ClusterDirectory(path: "/tmp/" + String(repeating: "x", count: 90))
        #expect(short.sockets == short.run)
        #expect(long.sockets.hasPrefix("/tmp/roost-"))
        #expect(long.controlSocket.utf8.count <= ClusterDirectory.socketPathBytesMax)
        #expect(ClusterDirectory(path: long.path + "y").sockets != long.sockets)
    }

    @Test("The state of a supervisor that is gone does not count as running")
    func staleState() throws {
        try withTemporaryRoot { root in
            let directory = ClusterDirectory(name: "shop", root: root)
            try directory.create()
            try Data().write(to: URL(fileURLWithPath: directory.topologyFile))
            let own = try #require(ProcessIdentity(pid: getpid()))
            try state(own).write(directory)
            #expect(try Clusters.find(name: nil, root: root).directory == directory)
            try state(ProcessIdentity(pid: own.pid, startTime: own.startTime + 1)).write(directory)
            #expect(throws: ClusterError.self) { try Clusters.find(name: nil, root: root) }
            let error = #expect(throws: ClusterError.self) { try Clusters.find(name: "shop", root: root) }
            #expect(error?.exitCode == 5)
        }
    }

    @Test("An unknown cluster is not found, with the name that was meant")
    func unknown() throws {
        try withTemporaryRoot { root in
            let directory = ClusterDirectory(name: "shop", root: root)
            try directory.create()
            try Data().write(to: URL(fileURLWithPath: directory.topologyFile))
            let error = #expect(throws: ClusterError.self) { try Clusters.find(name: "shup", root: root) }
            #expect(error?.exitCode == 4)
            #expect(error?.message.contains("did you mean 'shop'") == true)
        }
    }

    @Test("With several clusters running, one has to be named")
    func several() throws {
        try withTemporaryRoot { root in
            for name in ["one", "two"] {
                let directory = ClusterDirectory(name: name, root: root)
                try directory.create()
                try Data().write(to: URL(fileURLWithPath: directory.topologyFile))
                try state(#require(ProcessIdentity(pid: getpid()))).write(directory)
            }
            let error = #expect(throws: ClusterError.self) { try Clusters.find(name: nil, root: root) }
            #expect(error?.exitCode == 64)
            #expect(try Clusters.find(name: "two", root: root).directory.name == "two")
        }
    }

    private func state(_ supervisor: ProcessIdentity) -> ClusterState {
        ClusterState(cluster: "shop", supervisor: supervisor, gateway: nil, logID: "", isRunning: true, processes: [])
    }

    private func mode(_ path: String) -> UInt32? {
        var info = stat()
        return stat(path, &info) == 0 ? info.st_mode & 0o777 : nil
    }
}

/// A directory of its own for one test, gone afterwards.
func withTemporaryRoot<Result>(_ body: (String) throws -> Result) throws -> Result {
    var template = Array("/tmp/roost-test-XXXXXX".utf8CString)
    let path = template.withUnsafeMutableBufferPointer { buffer in
        buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
    }
    let root = try #require(path)
    defer { try? FileManager.default.removeItem(atPath: root) }
    return try body(root)
}
