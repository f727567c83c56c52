import Foundation
import Testing

extension ProcessTests {
    @Suite("Retail file", .serialized, .timeLimit(.minutes(5)))
    struct RetailTests {
        @Test(
            "All rows of the retail file are accounted for, every chain is whole, and a second load adds no event",
            .enabled(if: Repository.hasRetailFile))
        func retailFile() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                let first = try load(cluster)
                #expect(first.read == 10_000)
                #expect(first.read == first.accepted + first.rejected + first.skipped)
                #expect(first.unsettled == 0 && first.rejected == 0, "\(first)")
                try cluster.waitUntilCaughtUp()
                let fold = try LogFold(cluster)
                try cluster.expectChains(fold, lines: first.accepted)
                try cluster.expectProjectionsAgree(fold)
                try cluster.expectBalance()
                try cluster.expectEveryChainIndexed(fold)
                let second = try load(cluster)
                #expect(second.accepted == first.accepted && second.reasons == first.reasons)
                try cluster.waitUntilCaughtUp()
                #expect(try LogFold(cluster).events == fold.events)
                try cluster.expectIntactLog()
            }
        }

        private func load(_ cluster: ClusterUnderTest) throws -> LoadReport {
            try cluster.roost("load", Repository.retailFile, "--json").expecting(0).document(LoadReport.self)
        }
    }
}
