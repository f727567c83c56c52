/// What is wrong with a JSON document: where, and what was expected there. Never contains a value of the document.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The value it is about, as in `lines[0].quantity`; empty for the document itself.
    public let path: String
    /// As in `expected an integer, found a string`.
    public let problem: String
    /// Line of a syntax error, from 1; nil when the document is JSON but not the expected one.
    public let line: Int?
    /// Column of a syntax error in characters, from 1.
    public let column: Int?

    /// Place and problem in one line.
    public var description: String {
        if let line, let column { return "line \(line), column \(column): \(problem)" }
        return path.isEmpty ? problem : "\(path): \(problem)"
    }
}

extension JSONError {
    init(_ error: ScanProblem, in document: UnsafeRawBufferPointer) {
        let before = document[..<min(error.offset, document.count)]
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? before.startIndex
        path = ""
        problem = "expected \(error.expected)"
        line = 1 + before.count { $0 == 0x0A }
        column = 1 + before[lineStart...].count { $0 & 0xC0 != 0x80 }
    }

    /// Foundation knows the path, the tape what is there.
    init(_ error: DecodingError, _ tape: Tape) {
        switch error {
        case .keyNotFound(let key, let context):
            self.init(context.codingPath + [key], "missing")
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            let found = tape.node(at: context.codingPath).map { ", found \(tape[$0].kind.name)" } ?? ""
            self.init(context.codingPath, "expected \(Self.name(type))\(found)")
        case .dataCorrupted(let context):
            // Foundation forgets the path of a number that does not fit its type.
            if context.codingPath.isEmpty, let number = tape.state.pointee.misfit {
                self.init(path: tape.path(to: number), problem: "the number is not whole or too large")
            } else {
                self.init(context.codingPath, context.debugDescription)
            }
        @unknown default:
            self.init([], "cannot be decoded")
        }
    }

    private init(_ path: [any CodingKey], _ problem: String) {
        self.path = path.reduce(into: "") { text, key in
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += (text.isEmpty ? "" : ".") + key.stringValue
            }
        }
        self.problem = problem
        line = nil
        column = nil
    }

    init(problem: String) { self.init([], problem) }

    /// The same problem, seen from the container around it.
    func inside(_ part: String) -> JSONError {
        JSONError(path: path.isEmpty || path.hasPrefix("[") ? part + path : "\(part).\(path)", problem: problem)
    }

    private init(path: String, problem: String) {
        self.path = path
        self.problem = problem
        line = nil
        column = nil
    }

    private static func name(_ type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Bool.Type: "true or false"
        case is any FixedWidthInteger.Type: "an integer"
        case is any BinaryFloatingPoint.Type: "a number"
        case is [String: Any].Type: "an object"
        case is [Any].Type: "an array"
        default: "a value of type \(type)"
        }
    }
}
