import Foundation
import RoostJSON

/// All rows of a run: a table for people, or the document `roost.bench/1`.
struct Report: Encodable {
    let schema = "roost.bench/1"
    let processors = ProcessInfo.processInfo.activeProcessorCount
    private(set) var rows: [Row] = []

    mutating func add(_ row: Row) { rows.append(row) }

    func json() throws -> String { try JSONValue(encoding: self).prettyPrinted }

    static let header = line("", "Roost", "", "limit", "ratio (lowest–highest)", "target")

    static func line(_ row: Row) -> String {
        line(
            row.name, number(row.value), row.unit, row.limit.map(number) ?? "",
            row.ratio.map { "\(short($0)) × (\(short(row.lowestRatio ?? $0))–\(short(row.highestRatio ?? $0)))" } ?? "",
            row.target.map { "≥ \(short($0)) × \(row.isMet == true ? "met" : "MISSED")" } ?? "",
            row.limitName ?? "")
    }

    private static func line(_ columns: String...) -> String {
        let widths = [46, 11, 11, 11, 24, 14, 0]
        return zip(columns, widths).enumerated().map { index, pair in
            pad(pair.0, pair.1, isLeft: index == 0 || index == 2 || index > 3)
        }.joined(separator: "  ")
    }

    private static func pad(_ text: String, _ width: Int, isLeft: Bool) -> String {
        let space = String(repeating: " ", count: max(0, width - text.count))
        return isLeft ? text + space : space + text
    }

    /// Thousands apart; small numbers with a fraction.
    private static func number(_ value: Double) -> String {
        guard value >= 100 else { return short(value) }
        return Int(value.rounded()).formatted(.number.locale(Locale(identifier: "en_GB")))
    }

    private static func short(_ value: Double) -> String { String(format: value < 10 ? "%.2f" : "%.0f", value) }
}
