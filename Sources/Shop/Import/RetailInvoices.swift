import Roost

/// The rows of a retail file by invoice, in the order in which invoices first appear.
struct RetailInvoices {
    private struct Invoice {
        /// Of its first row.
        let line: Int
        var first: RetailRow?
        var ordered: [RetailRow] = []
        var skipped: [String: Int] = [:]
        var problem: (line: Int, reason: String)?
        /// Rows that can only be ordered or refused together.
        var rows = 0
    }

    private var numbers: [String] = []
    private var invoices: [String: Invoice] = [:]
    private var strays: [ImportItem] = []

    mutating func add(_ record: CSVReader.Record, _ columns: RetailColumns) {
        guard let number = columns.invoice(of: record) else {
            strays.append(.invalid(line: record.line, reason: record.problem ?? "no InvoiceNo", rows: 1))
            return
        }
        if invoices[number] == nil { numbers.append(number) }
        Self.add(record, columns, to: &invoices[number, default: Invoice(line: record.line)], number)
    }

    /// What becomes of each invoice; rows without a number come first.
    var items: [ImportItem] { strays + numbers.flatMap(items(of:)) }

    private static func add(
        _ record: CSVReader.Record, _ columns: RetailColumns, to invoice: inout Invoice, _ number: String
    ) {
        guard !number.hasPrefix("C") else {
            invoice.skipped["creditNote", default: 0] += 1
            return
        }
        do {
            let row = try columns.row(record)
            if invoice.first == nil { invoice.first = row }
            switch row.quantity {
            case ..<0: invoice.skipped["stockAdjustment", default: 0] += 1
            case 0: invoice.skipped["zeroQuantity", default: 0] += 1
            default:
                invoice.ordered.append(row)
                invoice.rows += 1
            }
        } catch {
            invoice.rows += 1
            if invoice.problem == nil { invoice.problem = (record.line, error.description) }
        }
    }

    private func items(of number: String) -> [ImportItem] {
        guard let invoice = invoices[number] else { return [] }
        let skipped = invoice.skipped.sorted { $0.key < $1.key }
            .map { ImportItem.skipped(reason: $0.key, rows: $0.value) }
        if let problem = invoice.problem {
            return skipped + [.invalid(line: problem.line, reason: problem.reason, rows: invoice.rows)]
        }
        guard let first = invoice.first, !invoice.ordered.isEmpty else { return skipped }
        do {
            return skipped + [.command(try Self.command(number, first, invoice.ordered))]
        } catch {
            return skipped + [.invalid(line: invoice.line, reason: "InvoiceNo: \(error)", rows: invoice.rows)]
        }
    }

    private static func command(_ number: String, _ first: RetailRow, _ rows: [RetailRow]) throws -> ImportedCommand {
        let order = PlaceOrder(
            customer: first.customer.isEmpty ? nil : "\(Customer.category)/\(first.customer)",
            address: Address(country: first.country),
            lines: rows.map {
                PlaceOrder.Line(
                    sku: $0.sku, description: $0.description, quantity: $0.quantity, unitPrice: $0.unitPrice)
            })
        return try ImportedCommand(
            order, to: try StreamName("\(Order.category)/\(number)"), commandIDPrefix: "retail-\(number)",
            occurred: first.occurred, rows: rows.count)
    }
}
