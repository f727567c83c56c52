import Foundation
import Roost
import RoostTesting
import Shop
import Testing

@Suite("The order generator")
struct OrderGeneratorTests {
    @Test("The same seed gives the same orders, another seed others")
    func seeds() throws {
        var (first, second, other) = (OrderGenerator(seed: 1), OrderGenerator(seed: 1), OrderGenerator(seed: 2))
        let lines = try first.lines(50)
        #expect(try lines == second.lines(50))
        #expect(try lines != other.lines(50))
    }

    @Test("Each line is a command as `roost load` takes it")
    func lines() throws {
        struct Line: Decodable {
            let command: String
            let to: String
            let commandID: String
            let occurredAt: String
            let data: PlaceOrder
        }
        var generator = OrderGenerator(seed: 1)
        let lines = try generator.lines(200).split(separator: "\n")
            .map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
        #expect(lines.count == 200 && Set(lines.map(\.to)).count == 200 && Set(lines.map(\.commandID)).count == 200)
        #expect(lines.allSatisfy { $0.command == "PlaceOrder" && Timestamp($0.occurredAt) != nil })
        #expect(lines.contains { $0.data.customer == nil } && lines.contains { $0.data.lines.count > 3 })
    }

    @Test("All generated orders are accepted and carried out")
    func accepted() throws {
        let generator = try #require(ShopDomain.domain.generator)
        let run = Sample.run()
        for order in try generator.commands(count: 300, seed: 3) { try run.send(order) }
        #expect(run.rejections.isEmpty)
        #expect(run.events.count { $0.type == OrderShipped.type } == 300)
    }
}
