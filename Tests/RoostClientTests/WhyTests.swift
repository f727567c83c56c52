import Foundation
import RoostClient
import RoostCore
import RoostJSON
import RoostNode
import RoostTrace
import Shop
import Testing

@Suite("Why a row is what it is")
struct WhyTests {
    private static let domain = Domain(
        name: "shop", aggregates: ShopDomain.domain.aggregates, projections: ShopDomain.domain.projections)

    private static func why(
        _ projection: String, _ target: String, column: String? = nil
    ) async throws -> WhyDocument {
        let client = try await PlantedLog(orders: 12).client(Self.domain)
        return try client.why(projection, try #require(WhyTarget(target)), column: column) { _ in }
    }

    @Test(
        "every change is there in order, each begins where the one before ended, and the last is what the projection has"
    )
    func wholeRow() async throws {
        let document = try await Self.why("dashboard", "stock/S1-1")
        let log = try PlantedLog(orders: 12)
        let decremented = log.events.filter {
            $0.event.type == "InventoryDecremented" && $0.event.stream.description == "stock/S1-1"
        }
        #expect(document.entries.map(\.eventID) == decremented.map(\.id) && decremented.count == 4)
        let levels = document.entries.compactMap { $0.changes.first { $0.field == "level" } }
        #expect(levels.map(\.after) == [-1, -2, -3, -4].map { .integer($0) })
        #expect(zip(levels, levels.dropFirst()).allSatisfy { $0.after == $1.before } && levels[0].before == .null)
        let shipped = document.entries.last?.changes.first { $0.field == "shipped" }
        #expect(shipped?.after == .integer(4) && document.exists)
    }

    @Test("with a column, only the events that changed it")
    func oneColumn() async throws {
        let status = try await Self.why("dashboard", "orders/order/3", column: "status")
        #expect(status.entries.map(\.type) == ["OrderPlaced", "OrderPaid", "OrderShipped"])
        #expect(status.entries.allSatisfy { $0.changes.map(\.field) == ["status"] })
        let total = try await Self.why("dashboard", "orders/order/3", column: "total")
        #expect(total.entries.map(\.type) == ["OrderPlaced"])
        #expect(Set(status.entries.map(\.correlationID)).count == 1)
    }

    @Test("a row that many events of all partitions change, and one with a key of two columns")
    func manyPartitions() async throws {
        let shipped = try await Self.why("dashboard", "statuses/shipped", column: "orders")
        #expect(shipped.entries.map(\.type) == Array(repeating: "OrderShipped", count: 12))
        #expect(shipped.entries.map(\.recordedAt) == shipped.entries.map(\.recordedAt).sorted())
        #expect(Set(shipped.entries.map(\.partition)).count == 2)
        let document = try await Self.why("search", "documents/order,order/3", column: "status")
        #expect(document.entries.last?.changes.last?.after == .string("shipped"))
    }

    @Test("an unknown projection, table, row or column is refused with what there is")
    func refused() async throws {
        let client = try await PlantedLog(orders: 1).client(Self.domain)
        func code(_ projection: String, _ target: String, _ column: String? = nil) throws -> String? {
            let target = try #require(WhyTarget(target))
            do {
                _ = try client.why(projection, target, column: column) { _ in }
                return nil
            } catch {
                return (error as? ClientError)?.code
            }
        }
        #expect(try code("dashbord", "orders/order/1") == "unknownProjection")
        #expect(try code("dashboard", "order/order/1") == "unknownTable")
        #expect(try code("search", "words/order/1") == "unknownTable")
        #expect(try code("dashboard", "orders/1") == "unknownRow")
        #expect(try code("dashboard", "orders/order/1", "stauts") == "unknownColumn")
        #expect(try code("search", "documents/order") == "incompleteKey")
        #expect(WhyTarget("orders") == nil && WhyTarget("orders/") == nil && WhyTarget("/1") == nil)
    }
}
