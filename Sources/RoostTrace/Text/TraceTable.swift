import RoostCore

/// The rows of a trace in columns that fit a width: what is needed least is left out first, and the names of streams are cut
/// last.
struct TraceTable {
    private enum Column: Hashable {
        case time, event, stream, process, place, issuer
        case lag(String)

        var isRight: Bool {
            switch self {
            case .time, .lag: true
            case .event, .stream, .process, .place, .issuer: false
            }
        }
    }

    /// Left out in this order until the rest fits.
    private static let dispensable: [Column] = [.issuer, .place, .process]
    private static let streamMin = 8
    private static let gap = 2

    private let rows: [[String]]
    private let titles: [String]
    private let shown: [Column]
    private let widths: [Int]

    init(rows lines: [TraceLine], start: Timestamp?, columns: Int?) {
        let readers = Set(lines.flatMap { line in line.event.appliedBy.filter { line.event.lag(of: $0) != nil } })
            .sorted()
        var shown: [Column] = [.time, .event, .stream, .process, .place, .issuer]
        func width(_ column: Column, titled: Bool = false) -> Int {
            let cells = lines.map { Self.cell($0, column, start).count }.max() ?? 0
            return titled ? max(cells, Self.title(column).count) : cells
        }
        func total(_ columns: [Column], titled: Bool = false) -> Int {
            columns.reduce(0) { $0 + Self.gap + width($1, titled: titled) }
        }
        let withLags = shown + readers.map { .lag($0) }
        let showsLags = columns.map { !readers.isEmpty && total(withLags, titled: true) <= $0 } ?? false
        if showsLags { shown = withLags }
        if let columns {
            for column in Self.dispensable where total(shown) > columns { shown.removeAll { $0 == column } }
        }
        var widths = shown.map { width($0, titled: showsLags) }
        if let columns, let index = shown.firstIndex(of: .stream) {
            let excess = total(shown) - columns
            if excess > 0 { widths[index] = max(Self.streamMin, widths[index] - excess) }
        }
        self.shown = shown
        self.widths = widths
        titles = showsLags ? shown.map { Self.title($0) } : []
        self.rows = lines.map { line in shown.map { Self.cell(line, $0, start) } }
    }

    /// Names the columns, where there are some that do not speak for themselves.
    var headline: String? { titles.isEmpty ? nil : text(titles) }
    var lines: [String] { rows.map(text) }
    var timeWidth: Int { widths.first ?? 0 }

    private func text(_ cells: [String]) -> String {
        let padded = cells.indices.map { index in
            Self.pad(Self.cut(cells[index], to: widths[index]), to: widths[index], right: shown[index].isRight)
        }
        var line = String(repeating: " ", count: Self.gap) + padded.joined(separator: "  ")
        while line.last == " " { line.removeLast() }
        return line
    }

    private static func cell(_ line: TraceLine, _ column: Column, _ start: Timestamp?) -> String {
        let event = line.event
        switch column {
        case .time: return "+" + (event.recordedAt - (start ?? event.recordedAt)).words
        case .event: return branches(line.siblingsFollow) + event.type
        case .stream: return "\(event.stream) #\(event.version)"
        case .process: return event.process ?? "?"
        case .place: return "\(event.partition):\(event.position)"
        case .issuer: return event.issuedBy.map { "via \($0)" } ?? ""
        case .lag(let reader):
            guard event.appliedBy.contains(reader) else { return "" }
            return event.lag(of: reader).map(\.words) ?? "?"
        }
    }

    private static func title(_ column: Column) -> String {
        switch column {
        case .time: "time"
        case .event: "event"
        case .stream: "stream"
        case .process: "stored by"
        case .place: "position"
        case .issuer: ""
        case .lag(let reader): reader
        }
    }

    private static let levelsMax = 12

    /// `├─ └─ │` for the levels below the root; of very deep ones the last, after the number of the level.
    private static func branches(_ siblingsFollow: [Bool]) -> String {
        guard let last = siblingsFollow.last else { return "" }
        let left = siblingsFollow.count - levelsMax
        guard left <= 0 else { return "\(siblingsFollow.count) … " + branches(Array(siblingsFollow.suffix(levelsMax))) }
        return siblingsFollow.dropLast().map { $0 ? "│  " : "   " }.joined() + (last ? "├─ " : "└─ ")
    }

    /// The end of a stream's name tells most.
    private static func cut(_ text: String, to width: Int) -> String {
        text.count <= width ? text : "…" + text.suffix(max(0, width - 1))
    }

    private static func pad(_ text: String, to width: Int, right: Bool) -> String {
        let fill = String(repeating: " ", count: max(0, width - text.count))
        return right ? fill + text : text + fill
    }
}
