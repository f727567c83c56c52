import Foundation
import Synchronization
import Testing

@testable import RoostCluster

@Suite("A child's side", .timeLimit(.minutes(1)))
struct ChildSideTests {
    @Test("Each change of status is one line, and what did not change is not said again")
    func reporter() throws {
        let pipe = try Pipe.make()
        defer { close(pipe.read) }
        let reporter = StatusReporter(descriptor: pipe.write)
        reporter.report(ProcessStatus(waitingFor: "the log"))
        reporter.update { $0.waitingFor = "the log" }
        reporter.update { status in
            status.ready = true
            status.waitingFor = nil
            status.endpoints = ["ipc:///tmp/a"]
        }
        reporter.send(line: ["verdict": "equal"])
        close(pipe.write)
        let lines = try readAll(pipe.read).split(separator: UInt8(ascii: "\n"))
        try #require(lines.count == 3)
        #expect(try JSONText.decode(ProcessStatus.self, from: lines[0]) == ProcessStatus(waitingFor: "the log"))
        let second = try JSONText.decode(ProcessStatus.self, from: lines[1])
        #expect(second == ProcessStatus(ready: true, endpoints: ["ipc:///tmp/a"]))
        #expect(String(decoding: lines[2], as: UTF8.self) == #"{"verdict":"equal"}"#)
    }

    @Test("The end of the life pipe is noticed once, and data on it is no end")
    func lifePipe() throws {
        let pipe = try Pipe.make()
        defer { close(pipe.read) }
        let counter = Counter()
        LifePipe.watch(descriptor: pipe.read) { counter.add() }
        try FileText.writeAll([1, 2, 3], to: pipe.write)
        var left: Int32 = 1
        try eventually("bytes read") { ioctl(pipe.read, UInt(FIONREAD), &left) == 0 && left == 0 }
        #expect(counter.value == 0)
        close(pipe.write)
        try eventually("end") { counter.value == 1 }
    }

    private func readAll(_ descriptor: Int32) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: buffer[..<count])
        }
    }
}

private final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func add() { count.withLock { $0 += 1 } }
}
