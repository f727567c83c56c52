import Foundation
import Roost
import RoostTesting
import Shop
import Testing

@Suite("The retail importer")
struct RetailImporterTests {
    private static let header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\r\n"
    private static let sample =
        header + #"""
            900001,M-1,"MUG, ""BIG""",2,06-15-2011 09:30,4.25,20001,United Kingdom
            900001,BANK CHARGES,FEE,1,06-15-2011 09:31,15,20001,United Kingdom
            900001,M-1,"MUG, ""BIG""",1,06-15-2011 09:31,4.25,20001,United Kingdom
            C900002,M-1,"MUG, ""BIG""",-1,06-15-2011 10:00,4.25,20001,United Kingdom
            900003,85a,,-7,12-01-2010 10:05,0,,United Kingdom
            900004,85a,LANTERN,1,12-01-2010 10:10,0,,Norway
            900004,85b,LANTERN,0,12-01-2010 10:10,1.5,,Norway
            900005,85a,LANTERN,x,12-01-2010 10:20,1.5,,Norway
            900005,85a,LANTERN,1,12-01-2010 10:20,1.5,,Norway
            ,85a,LANTERN,1,12-01-2010 10:20,1.5,,Norway
            900006,85a,LANTERN,1,13-01-2010 10:20,1.5,,Norway
            900007,85a,"LAN
            TERN",1,12-01-2010 10:20,1.5,,Norway
            900008,85a,LANTERN,1,12-01-2010 10:20
            """#

    private func items(_ text: String) throws -> [ImportItem] { try RetailImporter.items(in: Bytes(text)) }

    @Test("Every row is counted once: ordered, skipped with its reason, or invalid with its line")
    func sample() throws {
        let tally = Tally(try items(Self.sample))
        #expect(tally.commands.map(\.stream.description) == ["order/900001", "order/900004", "order/900007"])
        #expect(tally.commands.map(\.rows) == [3, 1, 1])
        #expect(tally.skipped == ["creditNote": 1, "stockAdjustment": 1, "zeroQuantity": 1])
        #expect(tally.invalid.map(\.line) == [11, 9, 12, 15])
        #expect(tally.invalid.map(\.rows) == [1, 2, 1, 1])
        #expect(tally.rows == 13)
    }

    @Test("An order has the customer, country and time of its first row, and all its lines in order")
    func order() throws {
        let command = try #require(Tally(try items(Self.sample)).commands.first)
        let order = try Stored.placeOrder(command)
        #expect(command.command == "PlaceOrder")
        #expect(command.occurred == Timestamp("2011-06-15T08:30:00Z"))
        #expect(order.customer == "customer/20001" && order.address == Address(country: "United Kingdom"))
        #expect(order.lines.map(\.sku) == ["M-1", "BANK CHARGES", "M-1"])
        #expect(order.lines.map(\.unitPrice) == [425, 1500, 425])
        #expect(order.lines.map(\.quantity) == [2, 1, 1])
        #expect(order.lines[0].description == "MUG, \"BIG\"")
    }

    @Test("A field in quotes may hold a line end, and a guest has no customer")
    func guest() throws {
        let order = try Stored.placeOrder(try #require(Tally(try items(Self.sample)).commands.last))
        #expect(order.customer == nil)
        #expect(order.lines.map(\.description) == ["LAN\nTERN"])
    }

    @Test("The same content gives the same command IDs, other content another one")
    func commandIDs() throws {
        let first = Tally(try items(Self.sample)).commands.map(\.commandID)
        let second = Tally(try items(Self.sample)).commands.map(\.commandID)
        let changed = Self.sample.replacingOccurrences(of: ",2,06-15", with: ",3,06-15")
        let third = Tally(try items(changed)).commands.map(\.commandID)
        #expect(first == second && Set(first).count == 3)
        #expect(first[0] != third[0] && first.dropFirst() == third.dropFirst())
        #expect(first[0].description.hasPrefix("retail-900001-"))
    }

    @Test(
        "London time becomes UTC by the rules of summer time",
        arguments: [
            ("12-01-2010 08:26", "2010-12-01T08:26:00Z"), ("07-04-2011 12:00", "2011-07-04T11:00:00Z"),
            ("03-27-2011 00:59", "2011-03-27T00:59:00Z"), ("03-27-2011 02:00", "2011-03-27T01:00:00Z"),
            ("10-30-2011 00:59", "2011-10-29T23:59:00Z"), ("10-30-2011 01:59", "2011-10-30T00:59:00Z"),
            ("10-30-2011 02:00", "2011-10-30T02:00:00Z"), ("02-29-2012 00:00", "2012-02-29T00:00:00Z"),
        ])
    func london(local: String, utc: String) throws {
        let row = "1,A,B,1,\(local),1,,Norway"
        #expect(Tally(try items(Self.header + row)).commands.map(\.occurred) == [Timestamp(utc)])
    }

    @Test(
        "A time or price that is none makes its invoice invalid",
        arguments: [
            "1,A,B,1,02-29-2011 10:00,1,,Norway", "1,A,B,1,12-01-2010 24:00,1,,Norway",
            "1,A,B,1,2010-12-01 10:00,1,,Norway", "1,A,B,1,12-01-2010 10:00,-1,,Norway",
            "1,A,B,1,12-01-2010 10:00,1e3,,Norway", "1,A,B,1,12-01-2010 10:00,1.2.3,,Norway",
            "1,A,B,1,12-01-2010 10:00,,,Norway", "1,A,B,1,12-01-2010 10:00,9999999999999,,Norway",
            "1,A,B,1,12-01-2010 10:00,1,,", "1,,B,1,12-01-2010 10:00,1,,Norway",
            "1,A,\"B,1,12-01-2010 10:00,1,,Norway", "1,A,\"B\"x,1,12-01-2010 10:00,1,,Norway",
        ])
    func malformed(row: String) throws {
        let tally = Tally(try items(Self.header + row))
        #expect(tally.commands.isEmpty)
        #expect(tally.invalid.map(\.line) == [2])
    }

    @Test(
        "Prices are read exactly; half a penny is rounded up",
        arguments: [("2.55", 255), ("165", 16_500), ("0", 0), (".5", 50), ("1.1", 110), ("0.285", 29), ("0.2849", 28)])
    func prices(text: String, pence: Int) throws {
        let row = "1,A,B,1,12-01-2010 10:00,\(text),,Norway"
        let orders = try Tally(try items(Self.header + row)).commands.map(Stored.placeOrder)
        #expect(orders.map { $0.lines.map(\.unitPrice) } == [[pence]])
    }

    @Test("A file without the columns is refused as a whole")
    func otherFile() {
        #expect(throws: (any Error).self) { try items("") }
        #expect(throws: (any Error).self) { try items("a,b\n1,2\n") }
    }

    @Test("Text in Latin-1 and a byte order mark are read")
    func encodings() throws {
        let bytes =
            [0xEF, 0xBB, 0xBF] + Array((Self.header + "1,A,").utf8) + [0xA3] + Array(",1,12-01-2010 10:00,1,,EIRE".utf8)
        let command = try #require(Tally(try RetailImporter.items(in: Bytes(bytes))).commands.first)
        #expect(try Stored.placeOrder(command).lines.map(\.description) == ["£"])
    }

    @Test("The real file: every one of its 10,000 rows is accounted for", .enabled(if: RealFile.exists))
    func realFile() throws {
        let tally = Tally(try RetailImporter.items(in: Bytes(try RealFile.bytes())))
        #expect(tally.skipped == ["creditNote": 100, "stockAdjustment": 30])
        #expect(tally.invalid.isEmpty && tally.rows == 10_000)
        #expect(tally.commands.reduce(0) { $0 + $1.rows } == 9870)
    }

    @Test(
        "The real file: every order is carried out, one decrement per line, and all projections agree",
        .enabled(if: RealFile.exists))
    func realChain() throws {
        let run = Sample.run()
        let commands = Tally(try RetailImporter.items(in: Bytes(try RealFile.bytes()))).commands
        for command in commands { try run.send(command) }
        #expect(run.rejections.isEmpty)
        #expect(run.events.count { $0.type == InventoryDecremented.type } == 9870)
        let pounds = try commands.map(Stored.placeOrder).flatMap(\.lines).reduce(0) { $0 + $1.quantity * $1.unitPrice }
        let revenue = try ProjectionSpec(Dashboard.self).tables(after: run.partitions).query("revenue")
        #expect(revenue.map { $0["revenue"] } == [SQLValue(pounds)])
        for projection in ShopDomain.domain.projections {
            try ProjectionSpec(projection).check(run.partitions, interleavings: 2, seed: 9)
        }
    }
}

/// What an importer made of a file.
private struct Tally {
    var commands: [ImportedCommand] = []
    var skipped: [String: Int] = [:]
    var invalid: [(line: Int, rows: Int)] = []
    var rows = 0

    init(_ items: [ImportItem]) {
        for item in items {
            switch item {
            case .command(let command):
                commands.append(command)
                rows += command.rows
            case .skipped(let reason, let count):
                skipped[reason, default: 0] += count
                rows += count
            case .invalid(let line, _, let count):
                invalid.append((line, count))
                rows += count
            }
        }
    }
}

/// The retail file beside the repository, where there is one.
private enum RealFile {
    private static let url = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../shared/data/online-retail-10k.csv").standardizedFileURL
    static var exists: Bool { FileManager.default.fileExists(atPath: url.path()) }
    static func bytes() throws -> [UInt8] { Array(try Data(contentsOf: url)) }
}
