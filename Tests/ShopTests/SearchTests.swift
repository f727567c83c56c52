import Roost
import RoostTesting
import Shop
import Testing

@Suite("Search")
struct SearchTests {
    private func tables(_ run: DomainRun) throws -> ProjectionTables {
        try ProjectionSpec(Search.self).tables(after: run.partitions)
    }

    @Test("Words find products, orders and customers; the beginning of a word is enough")
    func words() throws {
        let run = Sample.run()
        try run.send(Sample.placeOrder(), to: StreamName("order/17"))
        let search = try tables(run)
        func found(_ text: String, _ kind: String = "") throws -> [SQLValue?] {
            try search.query("text", ["text": .text(text), "kind": .text(kind)]).map { $0["id"] }
        }
        #expect(try found("hanging heart", "product") == ["85123A"])
        #expect(try found("85123A", "order") == ["order/17"])
        #expect(try found("hea T-LIGHT", "product") == ["85123A"])
        #expect(try found("ada united", "customer") == ["customer/17850"])
        #expect(try found("heart lantern").isEmpty)
    }

    @Test(
        "Nothing a person types is a syntax error",
        arguments: ["\"", "'", "a\"b", "AND", "NEAR(", "* ^ -", "", " ", "{a}", "title:x", "T-LIGHT", "a\tb", "🪺"])
    func anyText(text: String) throws {
        _ = try tables(Sample.run()).query("text", ["text": .text(text)])
    }

    @Test("The description with the latest occurred time wins, whatever order events arrive in; an empty one never")
    func lastDescription() throws {
        let run = Sample.run()
        let descriptions = [("NEWEST", 300), ("OLDEST", 100), ("MIDDLE", 200), ("", 400)]
        for (number, (description, second)) in descriptions.enumerated() {
            let line = PlaceOrder.Line(sku: "A", description: description, quantity: 1, unitPrice: second)
            let stream = try StreamName("order/\(number)")
            try run.send(Sample.placeOrder(lines: [line]), to: stream, occurred: Timestamp(seconds: Int64(second)))
        }
        #expect(
            try tables(run).query("product", ["sku": "A"]) == [["sku": "A", "description": "NEWEST", "price": 300]])
        let search = try tables(run)
        #expect(try search.query("text", ["text": "oldest", "kind": "product"]).isEmpty)
    }

    @Test("What customers say about themselves wins over what orders say about them")
    func customers() throws {
        let run = Sample.run()
        let customer = try StreamName("customer/17850")
        try run.send(RegisterCustomer(address: Sample.address), to: customer)
        let order = PlaceOrder(customer: "customer/17850", address: Address(country: "France"), lines: Sample.lines)
        try run.send(order, to: StreamName("order/1"))
        let row = try #require(try tables(run).query("customer", ["customer": "17850"]).first)
        #expect(row["description"] == "Ada Byron 1 Mill Lane United Kingdom")
    }

    @Test("An order's status follows its events")
    func status() throws {
        let run = Sample.run()
        try run.send(Sample.placeOrder(), to: StreamName("order/17"))
        try run.send(CancelOrder(reason: "no"), to: StreamName("order/17"))
        let rows = try tables(run).query("text", ["text": "order 17", "kind": "order"])
        #expect(rows.map { $0["status"] } == ["cancelled"])
    }
}
