import Foundation
import GRDB
import RoostNode
import Testing

extension ProcessTests {
    @Suite("Rebuild", .serialized, .timeLimit(.minutes(3)))
    struct RebuildTests {
        @Test("A rebuild under load equals the live projection, twice in a row, and the swapped one goes on")
        func underLoad() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                let orders = try OrderFlow.loading(cluster).during("rebuild") {
                    try cluster.waitForNewEvents(200)
                    for _ in 1...2 { try #require(try cluster.rebuild("search").events > 0) }
                    try cluster.rebuild("search", "--swap")
                    try cluster.rebuild("dashboard", "--swap")
                    try cluster.waitForNewEvents(50)
                    try cluster.rebuild("search")
                }
                try cluster.expectNothingLostNothingTwice(orders)
                try cluster.wait("ready", for: "search") { $0.ready }
            }
        }

        @Test("A rebuild that is told a rate keeps to it, and is equal")
        func rate() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var random = SeededOrders("rate")
                try cluster.load(random.next(100), name: "rate")
                try cluster.waitUntilCaughtUp()
                let report = try cluster.roost("rebuild", "dashboard", "--rate", "200", "--json").expecting(0)
                    .document(RebuildReport.self)
                #expect(report.verdict == "equal" && report.events > 300)
                #expect(report.seconds >= 0.9 * Double(report.events) / 200)
                try cluster.roost("rebuild", "dashboard", "--rate", "0").expecting(64)
            }
        }

        private struct Checked: Document {
            static let schemaName = "roost.certificate-check/1"
            let schema: String
            let valid: Bool
            let problems: [String]
        }

        @Test("What a rebuild has proved under load can be checked again; a certificate that was altered is refused")
        func certificate() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var path: String?
                let orders = try OrderFlow.loading(cluster).during("prove") {
                    try cluster.waitForNewEvents(200)
                    let report = try cluster.roost("rebuild", "dashboard", "--prove", "--json").expecting(0)
                        .document(RebuildReport.self)
                    #expect(report.verdict == "equal" && report.tables.count == 3)
                    path = report.certificate
                    try cluster.waitForNewEvents(50)
                }
                let file = try #require(path)
                let checked = try cluster.roost("certificate", "verify", file, "--json").expecting(0).document(
                    Checked.self)
                #expect(checked.valid && checked.problems == [])
                let text = try String(contentsOfFile: file, encoding: .utf8)
                try text.replacing("\"dashboard\"", with: "\"search\"").write(
                    toFile: file, atomically: true, encoding: .utf8)
                let altered = try cluster.roost("certificate", "verify", file).expecting(2).output
                #expect(altered.contains("not valid") && altered.contains("altered"), "\(altered)")
                try cluster.expectNothingLostNothingTwice(orders)
            }
        }

        @Test("A certificate takes no other one's place, also where it is issued in the same second")
        func sameSecond() throws {
            try ClusterUnderTest.with(.tiny()) { cluster in
                let directory = cluster.directory + "/certificates"
                try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
                let format = Date.ISO8601FormatStyle(
                    dateSeparator: .omitted, dateTimeSeparator: .standard, timeSeparator: .omitted)
                let now = Date()
                let earlier = (0..<120).map(Double.init).map {
                    directory + "/dashboard-\((now + $0).formatted(format)).json"
                }
                for path in earlier { try Data("kept".utf8).write(to: URL(fileURLWithPath: path)) }
                let proof = try cluster.rebuild("dashboard", "--prove")
                let path = try #require(proof.certificate)
                #expect(path.hasSuffix("Z-2.json"), "\(path)")
                try cluster.roost("certificate", "verify", path).expecting(0)
                for path in earlier { #expect(FileManager.default.contents(atPath: path) == Data("kept".utf8)) }
            }
        }

        private struct Plan: Document {
            static let schemaName = "roost.rebuild-plan/1"
            struct Base: Decodable, Sendable { let events: UInt64 }
            let schema: String
            let events: UInt64
            let base: UInt64?
            let handled: UInt64
            let bases: [Base]
        }

        @Test("A rebuild begins with rows that an earlier one has proved and kept, and proves the same as a whole one")
        func kept() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var random = SeededOrders("kept")
                try cluster.load(random.next(20), name: "kept-1")
                try cluster.waitUntilCaughtUp()
                let none = try cluster.roost("rebuild", "dashboard", "--from", "1000000").expecting(4)
                #expect(none.errors.contains("roost rebuild dashboard --prove --keep"), "\(none.errors)")
                let first = try cluster.rebuild("dashboard", "--prove", "--keep")
                #expect(first.base == nil && first.kept?.hasSuffix("bases/\(first.events)") == true)
                try cluster.load(random.next(10), name: "kept-2")
                try cluster.waitUntilCaughtUp()

                try cluster.roost("rebuild", "dashboard", "--from", "\(first.events - 1)").expecting(4)
                let plan = try cluster.roost("rebuild", "dashboard", "--dry-run", "--from", "1000000", "--json")
                    .expecting(0).document(Plan.self)
                #expect(plan.base == first.events && plan.bases.map(\.events) == [first.events])
                let text = try cluster.roost("rebuild", "dashboard", "--from", "1000000", "--prove").expecting(0).output
                #expect(
                    text.contains("began with the \(first.events) events") && text.contains("predicted at"), "\(text)")
                let later = try cluster.rebuild("dashboard", "--from", "\(plan.events)", "--prove", "--swap")
                #expect(later.base == first.events && later.events == plan.events && later.swapped)
                #expect(try later.root == cluster.rebuild("dashboard").root)
                try cluster.roost("certificate", "verify", try #require(later.certificate)).expecting(0)
            }
        }

        @Test("A projection that was stopped goes over to the new generation when it is started for that")
        func stopped() throws {
            try ClusterUnderTest.with(.tiny()) { cluster in
                var random = SeededOrders("stopped")
                let orders = random.next(10)
                try cluster.load(orders, name: "stopped")
                try cluster.waitUntilCaughtUp()
                try cluster.roost("stop", "dashboard").expecting(0)
                #expect(try cluster.rebuild("dashboard", "--swap").swapped)
                #expect(try cluster.generation(of: "dashboard") == 2)
                try cluster.wait("ready", for: "dashboard") { $0.ready }
                try cluster.expectNothingLostNothingTwice(orders)
            }
        }

        @Test("What was predicted of a rebuild stands beside what it took, unless it was held up")
        func predicted() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var random = SeededOrders("predicted")
                try cluster.load(random.next(30), name: "predicted")
                try cluster.waitUntilCaughtUp()
                #expect(try cluster.rebuild("dashboard").predicted == nil)
                try cluster.roost("rebuild", "dashboard", "--dry-run").expecting(0)
                let report = try cluster.rebuild("dashboard")
                let predicted = try #require(report.predicted)
                #expect(predicted.events == report.events && predicted.rows > 0 && predicted.secondsAtMost > 0)
                #expect(predicted.memory > 1 << 20 && report.memory > 1 << 20)
                #expect(try cluster.rebuild("dashboard").predicted == nil, "it is compared once")
                try cluster.roost("rebuild", "dashboard", "--dry-run").expecting(0)
                let text = try cluster.roost("rebuild", "dashboard").expecting(0).output
                #expect(text.contains("predicted at ") && text.contains("; took "), "\(text)")
                try cluster.roost("rebuild", "dashboard", "--dry-run").expecting(0)
                let heldUp = try cluster.roost("rebuild", "dashboard", "--rate", "1000", "--json").expecting(0)
                    .document(RebuildReport.self)
                #expect(heldUp.predicted == nil)
            }
        }

        @Test("A row changed by hand is found, never swapped in silence, and mended by a swap that accepts it")
        func handEdited() throws {
            try ClusterUnderTest.with(.shop()) { cluster in
                var random = SeededOrders("edit")
                let orders = random.next(20)
                try cluster.load(orders, name: "edit")
                try cluster.waitUntilCaughtUp()
                try Self.edit("UPDATE stock SET level = level + 1 WHERE sku = (SELECT min(sku) FROM stock)", cluster)
                let found = try cluster.roost("rebuild", "dashboard", "--swap", "--prove", "--json").expecting(2)
                    .document(RebuildReport.self)
                #expect(found.verdict == "different" && !found.swapped && found.certificate == nil)
                #expect(found.tables.filter { !$0.equal }.map(\.name) == ["stock"])
                #expect(found.differences.map(\.table) == ["stock"] && found.differences.map(\.cause) == ["handEdited"])
                let text = try cluster.roost("rebuild", "dashboard", "--prove").expecting(2).output
                #expect(text.contains("differs  table stock") && text.contains("was changed by hand"), "\(text)")
                #expect(text.contains("not proved  the two differ"), "\(text)")
                let mended = try cluster.roost("rebuild", "dashboard", "--swap", "--accept-diff", "--json").expecting(0)
                    .document(RebuildReport.self)
                #expect(mended.swapped)
                try cluster.wait("ready", for: "dashboard") { $0.ready }
                try cluster.roost("rebuild", "dashboard").expecting(0)
                try cluster.expectNothingLostNothingTwice(orders)
            }
        }

        /// Changes the live database of the dashboard as somebody would who should not.
        private static func edit(_ sql: String, _ cluster: ClusterUnderTest) throws {
            let files = ProjectionFiles(directory: cluster.directory + "/projections/dashboard")
            let queue = try DatabaseQueue(path: try files.currentPath())
            try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
            try queue.close()
        }

        @Test("A rebuild of what does not exist is refused with the names that do")
        func unknownProjection() throws {
            try ClusterUnderTest.with(.tiny()) { cluster in
                let refused = try cluster.roost("rebuild", "dashbord")
                #expect(refused.exitCode == 4)
                #expect(refused.errors.contains("dashboard"))
            }
        }
    }
}
