import Foundation
import RoostCore

/// The logs of a cluster's processes, merged line by line.
public struct ClusterLogs: Sendable {
    /// One line of one process.
    public struct Line: Codable, Hashable, Sendable {
        /// The name of the instance, as in `orders-0`; `supervisor` for the supervisor.
        public let process: String
        /// Without the end of the line; what is no UTF-8 is repaired.
        public let text: String
    }

    private let directory: ClusterDirectory
    private let targets: [String]
    private var offsets: [String: Int] = [:]

    /// `targets` are names of instances or processes; without any, all logs are shown.
    public init(_ directory: ClusterDirectory, targets: [String] = []) throws(ClusterError) {
        self.directory = directory
        self.targets = targets
        let known = Self.processes(directory)
        for target in targets where !known.contains(where: { Self.matches($0, target) }) {
            let hint = Suggestion.text(for: target, among: known)
            throw ClusterError(.notFound, "there is no log of '\(target)'\(hint)", next: "roost ps")
        }
    }

    /// The whole lines that were written since the last call. Lines that begin with a time are sorted by it; others
    /// stay behind the line they follow.
    public mutating func next() throws(ClusterError) -> [Line] {
        var timed: [(time: Substring, line: Line)] = []
        for process in Self.processes(directory)
        where targets.isEmpty || targets.contains(where: { Self.matches(process, $0) }) {
            var time: Substring = ""
            for text in try newLines(process) {
                if let own = Self.time(text) { time = own }
                timed.append((time, Line(process: process, text: String(text))))
            }
        }
        let sorted = timed.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
        return sorted.map(\.element.line)
    }

    private mutating func newLines(_ process: String) throws(ClusterError) -> [Substring] {
        do throws(SystemCallError) {
            let bytes = try FileText.contents(of: directory.logFile(of: process)) ?? []
            let start = min(offsets[process] ?? 0, bytes.count)
            guard let end = bytes[start...].lastIndex(of: UInt8(ascii: "\n")) else { return [] }
            offsets[process] = end + 1
            let text = String(decoding: bytes[start..<end], as: UTF8.self)
            return text.split(separator: "\n", omittingEmptySubsequences: false)
        } catch {
            throw ClusterError(error)
        }
    }

    private static func matches(_ process: String, _ target: String) -> Bool {
        guard process != target, process.hasPrefix(target) else { return process == target }
        let rest = process.dropFirst(target.count)
        return rest.hasPrefix("@") || (rest.hasPrefix("-") && UInt(rest.dropFirst()) != nil)
    }

    /// The time a line begins with, in a form that sorts as text: `2026-11-23T22:45:00…`.
    private static func time(_ text: Substring) -> Substring? {
        let word = text.prefix { $0 != " " }
        let isTime = word.utf8.count >= 19 && word.utf8.prefix(4).allSatisfy { (48...57).contains($0) }
        return isTime && word.dropFirst(10).first == "T" ? word : nil
    }

    private static func processes(_ directory: ClusterDirectory) -> [String] {
        do {
            let names = try FileManager.default.contentsOfDirectory(atPath: directory.logs)
            return names.filter { $0.hasSuffix(".log") }.map { String($0.dropLast(4)) }.sorted()
        } catch {
            return []
        }
    }
}
