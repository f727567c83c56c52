import Foundation

/// SplitMix64: the same seed gives the same values everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

enum Shape: Codable, Equatable {
    case circle(radius: Double)
    case polygon([Int32], closed: Bool)
    case none
    indirect case group(Shape, Shape?)
}

enum Colour: String, Codable, CaseIterable { case red, green = "gr\"een", blue = "" }

struct Empty: Codable, Equatable {}

/// Many kinds of fields at once.
struct Everything: Codable, Equatable {
    var text: String
    var optional: String?
    var flag: Bool
    var int: Int
    var small: Int8
    var short: UInt16
    var wide: UInt64
    var narrow: UInt32
    var signed: Int64
    var double: Double
    var float: Float
    var maybe: Int?
    var maybeDouble: Double?
    var shape: Shape
    var colour: Colour
    var names: [String: String]
    var byNumber: [Int: [Bool]]
    var pairs: [Double: String]
    var set: Set<Int>
    var nested: [[UInt8?]]
    var empty: Empty
    var date: Date
    var data: Data
    var url: URL
    var decimal: Decimal
    var children: [Everything]
}

extension SeededGenerator {
    private static let pieces = [
        "a", "order", "\"", "\\", "/", "\n", "\t", "\r", "\u{8}", "\u{c}", "\u{1}", "\u{7f}", "é", "e\u{301}", "日本",
        "😀", "👨‍👩‍👧", "\u{2028}", "\u{FFFF}", "}", "[,", ":", " ", "0123456789abcdef",
    ]

    mutating func bool() -> Bool { next() & 1 == 0 }
    mutating func index(_ count: Int) -> Int { Int(next() % UInt64(count)) }
    mutating func list<Value>(_ longest: Int, _ make: (inout Self) -> Value) -> [Value] {
        (0..<index(longest + 1)).map { _ in make(&self) }
    }
    mutating func optional<Value>(_ make: (inout Self) -> Value) -> Value? { bool() ? make(&self) : nil }
    mutating func text() -> String { list(6) { Self.pieces[$0.index(Self.pieces.count)] }.joined() }

    mutating func integer<Number: FixedWidthInteger>() -> Number {
        switch index(4) {
        case 0: Number(truncatingIfNeeded: index(200)) &- 100
        case 1: [.min, .max, 0][index(3)]
        default: Number(truncatingIfNeeded: next())
        }
    }

    mutating func double() -> Double {
        switch index(5) {
        case 0: return Double(index(2_000_000)) / 100 - 5000
        case 1: return [0, -0.0, 1e22, 1e-7, .pi, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1e-300][index(8)]
        case 2: return Double(Int64(truncatingIfNeeded: next()))
        default:
            let value = Double(bitPattern: next())
            return value.isFinite ? value : 1
        }
    }

    mutating func float() -> Float {
        let value = Float(bitPattern: UInt32(truncatingIfNeeded: next()))
        return value.isFinite ? value : -1.5
    }

    mutating func shape(_ depth: Int = 3) -> Shape {
        switch index(depth > 0 ? 4 : 3) {
        case 0: .circle(radius: double())
        case 1: .polygon(list(3) { $0.integer() }, closed: bool())
        case 2: .none
        default: .group(shape(depth - 1), optional { $0.shape(depth - 1) })
        }
    }

    mutating func everything(depth: Int = 2) -> Everything {
        Everything(
            text: text(), optional: optional { $0.text() }, flag: bool(), int: integer(), small: integer(),
            short: integer(), wide: integer(), narrow: integer(), signed: integer(), double: double(), float: float(),
            maybe: optional { $0.integer() }, maybeDouble: optional { $0.double() }, shape: shape(),
            colour: Colour.allCases[index(3)],
            names: Dictionary(list(4) { ($0.text(), $0.text()) }) { $1 },
            byNumber: Dictionary(list(3) { ($0.integer(), $0.list(2) { $0.bool() }) }) { $1 },
            pairs: Dictionary(list(3) { (Double($0.index(100)) / 8, $0.text()) }) { $1 },
            set: Set(list(4) { $0.integer() }), nested: list(3) { $0.list(3) { $0.optional { $0.integer() } } },
            empty: Empty(), date: Date(timeIntervalSinceReferenceDate: Double(index(1_000_000_000)) / 1000),
            data: Data(list(20) { $0.integer() }),
            url: URL(string: "https://example.org/\(index(1000))?q=a%20b") ?? URL(filePath: "/"),
            decimal: Decimal(index(1_000_000)) / 1000,
            children: depth > 0 ? list(2) { $0.everything(depth: depth - 1) } : [])
    }
}
