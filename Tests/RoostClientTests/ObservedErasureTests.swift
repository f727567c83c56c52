import Foundation
import RoostCluster
import RoostCore
import RoostNode
import RoostTrace
import Testing

@testable import RoostClient

@Suite("Observations of an erased subject")
struct ObservedErasureTests {
    private func rejected(_ command: String, _ reason: String) -> RejectedCommand {
        RejectedCommand(
            at: Timestamp(seconds: 1), partition: PartitionID(0), stream: "order/1", command: "PlaceOrder",
            commandID: command, correlationID: CorrelationID(bits: 7), causationID: nil, code: "rejected",
            reason: reason)
    }

    @Test("lose every reason that names its data, with nothing left in the file, and keep all others")
    func redacted() throws {
        let cluster = ClusterDirectory(path: NSTemporaryDirectory() + "roost-observed-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            atPath: cluster.projections + "/traces", withIntermediateDirectories: true)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: cluster.path) } }
        let path = ObservedStore.path(in: cluster.projections)
        let store = try ObservedStore(path: path, logID: LogID(bits: 1))
        try store.store([
            SpanReport(
                logID: LogID(bits: 1), process: "orders-0", incarnation: Incarnation(bits: 1), number: 1, dropped: 0,
                spans: [], rejected: [rejected("a", "Ann Miller has moved"), rejected("b", "out of stock")])
        ])
        try ClusterFiles(cluster: cluster).redactObserved(["Ann Miller"])
        let found = try ObservedReader(projections: cluster.projections).rejected(ofChain: CorrelationID(bits: 7))
        #expect(found.map(\.reason) == ["erased", "out of stock"])
        for file in [path, path + "-wal"] where FileManager.default.fileExists(atPath: file) {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
            #expect(bytes.range(of: Data("Ann Miller".utf8)) == nil, "\(file)")
        }
        try store.close()
    }
}
