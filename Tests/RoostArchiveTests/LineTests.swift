import Foundation
import RoostArchive
import RoostCore
import RoostJSON
import RoostLog
import RoostTesting
import Testing

@Suite("A line of an archive")
struct LineTests {
    /// Events of one partition with everything that an event may have.
    private static func events(_ proposals: [Proposal]) async throws -> [RecordedEvent] {
        let log = MemoryLog(identity: .sample())
        let writer = try await log.claim(PartitionID(2), .sample())
        for proposal in proposals { _ = try await writer.append([proposal], at: Timestamp(nanoseconds: 1_234_567_890)) }
        return Array(try log.reader(PartitionID(2)).events(after: .start, limit: 10_000))
    }

    private static let payloads = [
        #"{"sample":true}"#, "null", "[1,2.50,1e3,\"ü\\u00e9\\n\"]", "{\n  \"a\": 1\n}", "not JSON", "", "{\"a\":1}\r",
        "\"x\"",
        String(repeating: "é", count: 400_000),
    ]

    private static let unusual = payloads.enumerated().map { index, payload in
        Proposal.sample(
            to: "stock/odd \"name\" \\ \(index) é/x", command: "c\"\\\u{1}\n\(index)", events: 1 + index % 3,
            type: "Type\"\(index)", schemaVersion: UInt32(index + 1), payload: payload,
            fingerprint: .max - UInt64(index), causation: index % 2 == 0 ? nil : EventID(bits: .max - 7),
            depth: UInt16(index), traceparent: index % 2 == 0 ? "00-abc-def-01" : nil,
            subject: index % 3 == 0 ? "customer/\"1\"" : nil, isImported: index % 2 == 1)
    }

    private static func line(_ event: RecordedEvent, previous: Position = Position(41)) -> [UInt8] {
        var output = JSONOutput(capacity: 64)
        ArchiveLine.write(event, previous: previous, to: &output)
        return Array(output.bytes)
    }

    private static func read(_ line: some Collection<UInt8>) -> (bytes: [UInt8], previous: Position)? {
        var writer = EventWriter()
        guard let read = Array(line).withUnsafeBytes({ ArchiveLine.read($0, to: &writer) }) else { return nil }
        return (writer.withUnsafeBytes { Array($0) }, read.previous)
    }

    @Test("gives an event back byte by byte, whatever its names and payload are, and is one JSON object")
    func roundTrip() async throws {
        for event in try await Self.events(Self.unusual) {
            let line = Self.line(event)
            let back = try #require(Self.read(line.dropLast()))
            #expect(back.bytes == event.canonicalBytes.array && back.previous == Position(41))
            #expect(line.filter { $0 == UInt8(ascii: "\n") }.count == 1 && line.last == UInt8(ascii: "\n"))
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
            #expect(object["stream"] as? String == event.stream.description)
            #expect(object["category"] as? String == "stock")
            #expect(object["command_id"] as? String == event.commandID.description)
        }
    }

    @Test("holds a payload that is JSON as it was stored")
    func verbatim() async throws {
        let payload = #"{"b": 1.50,  "a":[ "\u0041" ]}"#
        let event = try #require(try await Self.events([.sample(to: "stock/1", command: "c", payload: payload)]).first)
        #expect(String(decoding: Self.line(event), as: UTF8.self).hasSuffix(",\"payload\":\(payload)}\n"))
    }

    @Test("that was cut, or has another byte where its columns are, is never read as the event it was")
    func damaged() async throws {
        let event = try #require(try await Self.events([.sample(to: "stock/1", command: "c")]).first)
        let line = Array(Self.line(event).dropLast())
        // The last byte ends the payload, of which only the digest of the block knows how long it is.
        for count in 0..<line.count - 1 { #expect(Self.read(line.prefix(count)) == nil, "cut at \(count)") }
        let ignored = try #require(String(decoding: line, as: UTF8.self).range(of: "\"category\":\"stock\""))
        let text = String(decoding: line, as: UTF8.self)
        let skipped =
            text.utf8.distance(
                from: text.startIndex, to: ignored.lowerBound)..<text.utf8.distance(
                from: text.startIndex, to: ignored.upperBound)
        for index in line.indices where !skipped.contains(index) {
            var other = line
            other[index] ^= 1
            guard let read = Self.read(other) else { continue }
            #expect(read.bytes != event.canonicalBytes.array || read.previous != Position(41), "byte \(index)")
        }
    }
}
