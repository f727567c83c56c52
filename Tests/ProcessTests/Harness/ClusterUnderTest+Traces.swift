import Foundation
import Testing

extension ClusterUnderTest {
    func trace(_ id: String) throws -> TraceReport {
        try roost("trace", id, "--json").expecting(0).document(TraceReport.self)
    }

    private struct Kind: Decodable {
        let root: String
        let chains: Int
        let events: Int
    }

    /// The trace index holds every event of the log, in the chains that the log says, with a first event each; contracts
    /// hold in all of them; and made again from the log it is the same.
    func expectEveryChainIndexed(_ fold: LogFold) throws {
        let kinds = try query("traces", "kinds", as: Kind.self)
        try #require(kinds.reduce(0) { $0 + $1.events } == fold.events, "\(kinds)")
        try #require(kinds.reduce(0) { $0 + $1.chains } == fold.chains.count, "\(kinds)")
        try #require(kinds.allSatisfy { fold.types[$0.root] != nil }, "a chain has no first event: \(kinds)")
        try roost("contracts", "check").expecting(0)
        let rebuilt = try roost("rebuild", "traces", "--json").expecting(0).document(RebuildReport.self)
        try #require(rebuilt.verdict == "equal")
    }
}
