import Foundation
import RoostCluster
import RoostCore
import RoostLog
import RoostLogSQLite
import Testing

/// A log as an earlier build left it.
enum OldLog {
    /// A home whose shop has a log with one event, as an older build of the application stored it.
    static func home(
        _ type: String, version: UInt32, _ payload: String, in stream: String, subject: String? = nil
    ) async throws -> String {
        let home = "/tmp/rt-home-\(UUID().uuidString.prefix(8))"
        let placement = try Topology.load(file: Repository.path + "/topology/shop.yaml").placement
        try FileManager.default.createDirectory(atPath: home + "/shop", withIntermediateDirectories: true)
        let log = try SQLiteLog.create(
            at: home + "/shop/log", identity: LogIdentity(id: LogID(bits: 5), placement: placement))
        let name = try StreamName(stream)
        let claim = Claim(
            process: "test", incarnation: Incarnation(bits: 1), commandEndpoint: "", publishEndpoint: "",
            claimedAt: Timestamp(seconds: 0))
        let writer = try await log.claim(try #require(placement.partition(of: name)), claim)
        let context = CommandContext(
            stream: name, commandID: try CommandID("old"), fingerprint: 1, correlationID: CorrelationID(bits: 77))
        let event = NewEvent(
            eventID: EventID(bits: 78), type: type, schemaVersion: version, payload: Bytes(payload), subject: subject,
            occurred: Timestamp(seconds: 1_300_000_000))
        let outcomes = try await writer.append(
            [Proposal(context, expected: .any, events: [event])], at: Timestamp(seconds: 1_300_000_000))
        guard case .committed = try #require(outcomes.first) else { throw TestFailure("\(outcomes)") }
        await writer.close()
        return home
    }
}
