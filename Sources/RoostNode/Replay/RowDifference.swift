import RoostCore

/// A row that a live projection and the one made again do not share.
package struct RowDifference: Sendable {
    package let table: String
    package let key: [SQLValue]
    package let columns: [String]
    /// In the order of the columns; nil where there is no such row.
    package let live: [SQLValue]?
    package let rebuilt: [SQLValue]?
}

/// Walks through the same table of two databases in the order of its key, a page at a time, so that neither is in memory.
struct RowComparison {
    /// Reads columns and rows of a statement of one of the two.
    typealias Read = (_ sql: String) throws -> (columns: [String], rows: [[SQLValue]])

    /// The tables were made by other code.
    struct OtherColumns: Error {}

    private enum Order { case before, same, after }

    /// The first rows that are not the same in both, over all tables. Throws `OtherColumns` where the
    /// tables have those.
    static func differences(
        of projection: any Projection.Type, left: Read, right: Read, limit: Int
    ) throws -> [RowDifference] {
        var found: [RowDifference] = []
        for table in projection.tables where table.kind == .rows && found.count < limit {
            found += try differences(of: table, left, right, limit - found.count)
        }
        return found
    }

    private static func differences(
        of table: TableDefinition, _ read: Read, _ readOther: Read, _ limit: Int
    ) throws -> [RowDifference] {
        var (left, right) = (Pager(table), Pager(table))
        var found: [RowDifference] = []
        while found.count < limit {
            let (row, other) = (try left.peek(read), try right.peek(readOther))
            guard left.columns == right.columns else {
                throw OtherColumns()
            }
            guard row != nil || other != nil else { return found }
            let key = left.key
            func note(_ live: [SQLValue]?, _ rebuilt: [SQLValue]?) {
                let either = live ?? rebuilt ?? []
                found.append(
                    RowDifference(
                        table: table.name, key: key.map { either[$0] }, columns: left.columns, live: live,
                        rebuilt: rebuilt))
            }
            switch order(row, other, key) {
            case .same:
                if row != other { note(row, other) }
                left.skip()
                right.skip()
            case .before:
                note(row, nil)
                left.skip()
            case .after:
                note(nil, other)
                right.skip()
            }
        }
        return found
    }

    private static func order(_ left: [SQLValue]?, _ right: [SQLValue]?, _ key: [Int]) -> Order {
        guard let left else { return .after }
        guard let right else { return .before }
        for column in key where left[column] != right[column] {
            return left[column].isBefore(right[column]) ? .before : .after
        }
        return .same
    }
}

/// Reads the rows of a table in the order of its key, a page at a time.
private struct Pager {
    private static let pageMax = 1000

    private let table: TableDefinition
    private let order: String
    private(set) var columns: [String] = []
    private var page: [[SQLValue]] = []
    private var index = 0
    private var isAtEnd = false

    init(_ table: TableDefinition) {
        self.table = table
        // By bytes, as the rows are merged, whatever order the table itself prefers.
        order = table.key.map { "\($0) COLLATE BINARY" }.joined(separator: ", ")
    }

    /// The places of the key among the columns.
    var key: [Int] { table.key.compactMap { columns.firstIndex(of: $0) } }

    mutating func peek(_ read: RowComparison.Read) throws -> [SQLValue]? {
        if index == page.count, !isAtEnd {
            let last = page.last
            let found = try read("SELECT * FROM \(table.name) \(after(last)) ORDER BY \(order) LIMIT \(Self.pageMax)")
            (columns, page) = (found.columns, found.rows)
            index = 0
            isAtEnd = page.count < Self.pageMax
        }
        return index < page.count ? page[index] : nil
    }

    mutating func skip() { index += 1 }

    /// What follows a row in the order of the key.
    private func after(_ row: [SQLValue]?) -> String {
        guard let row else { return "" }
        let names = table.key.map { "\($0) COLLATE BINARY" }.joined(separator: ", ")
        let values = key.map { row[$0].literal }.joined(separator: ", ")
        return "WHERE (\(names)) > (\(values))"
    }
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

    /// As it is written in a statement.
    fileprivate var literal: String {
        switch self {
        case .null: "NULL"
        case .integer(let number): "\(number)"
        case .real(let number): "\(number)"
        case .text(let text): "'" + text.replacing("'", with: "''") + "'"
        case .blob(let bytes): "x'" + Hexadecimal.text(bytes) + "'"
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
