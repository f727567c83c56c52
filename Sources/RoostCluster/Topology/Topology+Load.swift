import Foundation
import Yams

extension Topology {
    /// The topology of a file, or all its problems.
    public static func load(file: String) throws(TopologyError) -> Topology {
        try parse(source(of: file), file: file)
    }

    /// The topology of a text; `file` is only named in problems.
    public static func parse(_ text: String, file: String) throws(TopologyError) -> Topology {
        var parser = TopologyParser(file: file)
        return try parser.parse(root(of: text, file: file, beginning: "roost: \(format)"))
    }

    /// The outermost node of a YAML text; `beginning` is what a file that is empty should begin with.
    static func root(of text: String, file: String, beginning: String) throws(TopologyError) -> Node {
        do {
            guard let node = try Yams.compose(yaml: text) else {
                throw TopologyError([whole(file, "the file is empty; begin with '\(beginning)'")])
            }
            return node
        } catch let error as TopologyError {
            throw error
        } catch {
            throw TopologyError([syntaxProblem(error, file: file)])
        }
    }

    /// The text of a topology file.
    static func source(of file: String) throws(TopologyError) -> String {
        do {
            return try String(contentsOfFile: file, encoding: .utf8)
        } catch {
            throw TopologyError([whole(file, "cannot be read as a text file; give the path of a topology")])
        }
    }

    private static func whole(_ file: String, _ message: String) -> TopologyProblem {
        TopologyProblem(file: file, line: 0, column: 0, message: message, suggestion: nil)
    }

    /// What the YAML library found, where it found it.
    private static func syntaxProblem(_ error: any Error, file: String) -> TopologyProblem {
        func problem(_ mark: Mark, _ message: String) -> TopologyProblem {
            TopologyProblem(file: file, line: mark.line, column: mark.column, message: message, suggestion: nil)
        }
        switch error as? YamlError {
        case .scanner(_, let text, let mark, _), .parser(_, let text, let mark, _), .composer(_, let text, let mark, _):
            return problem(mark, "not valid YAML: \(text)")
        case .duplicatedKeysInMapping(let keys, let context):
            return problem(context.mark, "the key \(keys.sorted().joined(separator: ", ")) stands here twice")
        default:
            return whole(file, "not valid YAML")
        }
    }
}
