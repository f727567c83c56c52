import Foundation
import RoostCluster
import RoostCore
import RoostNode
import Testing

@testable import RoostClient

@Suite("Parked events of an erased subject")
struct ParkedErasureTests {
    @Test("lose every reason that names its data, with nothing left in the file, and stay parked")
    func redacted() throws {
        let cluster = ClusterDirectory(path: NSTemporaryDirectory() + "roost-parked-\(UUID().uuidString)")
        let files = ProjectionFiles(directory: cluster.projections + "/titles")
        try files.prepare()
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: cluster.path) } }
        let path = try files.currentPath()
        let store = try ReaderStore(
            path: path, logID: LogID(bits: 1), name: "titles", revision: 1,
            tables: ["CREATE TABLE roost_parked(reason TEXT)", "CREATE TABLE roost_discarded(reason TEXT)"])
        let reasons = ["no such friend: Ann Miller", "too long"]
        try store.withConnection { connection in
            let tables = Tables(connection: connection)
            defer { tables.close() }
            for reason in reasons { try tables.run("INSERT INTO roost_parked VALUES(?)", .text(reason)) }
            try tables.run("INSERT INTO roost_discarded VALUES(?)", .text(reasons[0]))
        }
        try ClusterFiles(cluster: cluster).redactParked(["Ann Miller"])
        let database = try ReadOnlyDatabase(path: path)
        let kept = try database.rows("SELECT reason FROM roost_parked ORDER BY reason").rows.map { $0[0].text }
        let discarded = try database.rows("SELECT reason FROM roost_discarded").rows.map { $0[0].text }
        #expect(kept == ["erased", "too long"] && discarded == ["erased"])
        for file in [path, path + "-wal"] where FileManager.default.fileExists(atPath: file) {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
            #expect(bytes.range(of: Data("Ann Miller".utf8)) == nil, "\(file)")
        }
        try store.close()
    }
}
