/// A row that a live projection and the one made again do not share.
package struct RowDifference: Sendable {
    package let table: String
    package let key: [SQLValue]
    package let columns: [String]
    /// In the order of the columns; nil where there is no such row.
    package let live: [SQLValue]?
    package let rebuilt: [SQLValue]?
}

/// Walks through the same table of two databases in the order of its key.
struct RowComparison {
    private let table: TableDefinition
    private let keyColumns: [Int]
    private let columns: [String]

    init(_ table: TableDefinition, columns: [String]) {
        self.table = table
        self.columns = columns
        keyColumns = table.key.compactMap { columns.firstIndex(of: $0) }
    }

    /// The first rows that are not the same in both, in pages, so that neither table is in memory.
    func differences(
        live: (String) throws -> [[SQLValue]], rebuilt: (String) throws -> [[SQLValue]], limit: Int
    ) throws -> [RowDifference] {
        var (left, right) = (Pager(table), Pager(table))
        var found: [RowDifference] = []
        while found.count < limit {
            let (liveRow, rebuiltRow) = (try left.peek(live), try right.peek(rebuilt))
            guard let order = order(liveRow, rebuiltRow) else { return found }
            switch order {
            case .orderedSame:
                if liveRow != rebuiltRow { found.append(difference(liveRow, rebuiltRow)) }
                left.skip()
                right.skip()
            case .orderedAscending:
                found.append(difference(liveRow, nil))
                left.skip()
            case .orderedDescending:
                found.append(difference(nil, rebuiltRow))
                right.skip()
            }
        }
        return found
    }

    private enum Order { case orderedAscending, orderedSame, orderedDescending }

    /// nil at the end of both.
    private func order(_ left: [SQLValue]?, _ right: [SQLValue]?) -> Order? {
        guard let left else { return right == nil ? nil : .orderedDescending }
        guard let right else { return .orderedAscending }
        for column in keyColumns where left[column] != right[column] {
            return left[column].isBefore(right[column]) ? .orderedAscending : .orderedDescending
        }
        return .orderedSame
    }

    private func difference(_ live: [SQLValue]?, _ rebuilt: [SQLValue]?) -> RowDifference {
        let row = live ?? rebuilt ?? []
        return RowDifference(
            table: table.name, key: keyColumns.map { row[$0] }, columns: columns, live: live, rebuilt: rebuilt)
    }
}

/// Reads the rows of a table in the order of its key, a page at a time.
private struct Pager {
    private static let pageMax = 1000

    private let sql: String
    private var page: [[SQLValue]] = []
    private var index = 0
    private var offset = 0
    private var isAtEnd = false

    init(_ table: TableDefinition) {
        sql = "SELECT * FROM \(table.name) ORDER BY \(table.key.joined(separator: ", ")) LIMIT \(Self.pageMax) OFFSET "
    }

    mutating func peek(_ read: (String) throws -> [[SQLValue]]) throws -> [SQLValue]? {
        if index == page.count, !isAtEnd {
            page = try read(sql + "\(offset)")
            offset += page.count
            index = 0
            isAtEnd = page.count < Self.pageMax
        }
        return index < page.count ? page[index] : nil
    }

    mutating func skip() { index += 1 }
}

extension SQLValue {
    /// As SQLite orders values: nothing, numbers, texts, bytes.
    fileprivate func isBefore(_ other: SQLValue) -> Bool {
        switch (self, other) {
        case (.integer(let left), .integer(let right)): left < right
        case (.integer(let left), .real(let right)): Double(left) < right
        case (.real(let left), .integer(let right)): left < Double(right)
        case (.real(let left), .real(let right)): left < right
        case (.text(let left), .text(let right)): Array(left.utf8).lexicographicallyPrecedes(Array(right.utf8))
        case (.blob(let left), .blob(let right)): left.lexicographicallyPrecedes(right)
        default: rank < other.rank
        }
    }

    private var rank: Int {
        switch self {
        case .null: 0
        case .integer, .real: 1
        case .text: 2
        case .blob: 3
        }
    }
}
