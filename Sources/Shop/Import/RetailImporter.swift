public import Roost

/// Reads the *Online Retail* CSV: one PlaceOrder per invoice, from its customer, country and time of its first row.
///
/// Credit notes (invoices that start with `C`), other negative quantities and zero quantities are skipped and counted.
/// An invoice with a row that cannot be understood is not ordered at all: half an order would be a wrong one.
public enum RetailImporter: CommandImporter {
    /// Takes `.csv` files.
    public static let fileExtension = "csv"

    /// One command for each invoice. Throws when the file is empty or its header lacks a column.
    public static func items(in content: Bytes) throws -> [ImportItem] {
        var reader = CSVReader(content.array)
        guard let header = reader.next() else { throw RetailFormatError("the file is empty") }
        let columns = try RetailColumns(header: header.fields)
        var invoices = RetailInvoices()
        while let record = reader.next() {
            if record.fields == [""] { continue }
            invoices.add(record, columns)
        }
        return invoices.items
    }
}
