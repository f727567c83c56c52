import Roost

/// One row of the retail file, checked.
struct RetailRow {
    let invoice: String
    let sku: String
    let description: String
    let quantity: Int
    let occurred: Timestamp
    /// In pence.
    let unitPrice: Int
    let customer: String
    let country: String
}

/// Where the columns of a retail file are.
struct RetailColumns {
    static let names = [
        "InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country",
    ]
    private let places: [Int]
    private let width: Int

    /// Throws when `header` lacks a column; their order and further columns do not matter.
    init(header: [String]) throws(RetailFormatError) {
        var places: [Int] = []
        for name in Self.names {
            guard let place = header.firstIndex(where: { Self.trimmed($0) == name }) else {
                throw RetailFormatError(
                    "the first line has no column \(name); it needs \(Self.names.joined(separator: ","))")
            }
            places.append(place)
        }
        self.places = places
        width = header.count
    }

    /// The invoice number, even of a row that is wrong otherwise; nil when there is none.
    func invoice(of record: CSVReader.Record) -> String? {
        guard record.fields.count > places[0] else { return nil }
        let invoice = Self.trimmed(record.fields[places[0]])
        return invoice.isEmpty ? nil : invoice
    }

    /// The row, or what is wrong with it.
    func row(_ record: CSVReader.Record) throws(RetailFormatError) -> RetailRow {
        if let problem = record.problem { throw RetailFormatError(problem) }
        guard record.fields.count == width else {
            throw RetailFormatError("\(record.fields.count) fields instead of \(width)")
        }
        let fields = places.map { Self.trimmed(record.fields[$0]) }
        guard !fields[0].isEmpty else { throw RetailFormatError("no InvoiceNo") }
        guard !fields[1].isEmpty else { throw RetailFormatError("no StockCode") }
        guard let quantity = Int(fields[3]) else { throw RetailFormatError("Quantity is no whole number") }
        guard let occurred = LondonTime.utc(fields[4]) else {
            throw RetailFormatError("InvoiceDate is no MM-DD-YYYY HH:MM")
        }
        guard let unitPrice = Pence.parse(fields[5]) else { throw RetailFormatError("UnitPrice is no price in pounds") }
        guard !fields[7].isEmpty else { throw RetailFormatError("no Country") }
        return RetailRow(
            invoice: fields[0], sku: fields[1], description: fields[2], quantity: quantity, occurred: occurred,
            unitPrice: unitPrice, customer: fields[6], country: fields[7])
    }

    private static func trimmed(_ text: String) -> String {
        guard let first = text.firstIndex(where: { !$0.isWhitespace }),
            let last = text.lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(text[first...last])
    }
}

/// What keeps a file or a row from being read: says where to look, never what was there.
struct RetailFormatError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
