import Foundation
import RoostClient
import RoostCore
import RoostNode

/// Where the commands of `roost load` come from.
struct CommandSource: Sequence {
    /// Rows in all, when that is known before.
    let rows: Int?
    private let makeItems: () -> AnyIterator<ImportItem>

    func makeIterator() -> AnyIterator<ImportItem> { makeItems() }

    static func open(file: String?, generate: Int?, seed: UInt64, domain: Domain) throws -> CommandSource {
        if let generate { return try generated(generate, seed, domain) }
        guard let file, file != "-" else { return lines(.standardInput) }
        let name = URL(fileURLWithPath: file).pathExtension.lowercased()
        if let importer = domain.importers.first(where: { $0.fileExtension == name }) {
            return try imported(file, importer)
        }
        let known = ["ndjson", "jsonl", "json"]
        guard known.contains(name) else {
            let all = known + domain.importers.map { $0.fileExtension }
            throw ClientError(
                .usage, code: "unknownFormat", "nothing reads files that end in '.\(name)'",
                hint: "known are: " + all.map { ".\($0)" }.joined(separator: ", "))
        }
        guard let handle = FileHandle(forReadingAtPath: file) else { throw unreadable(file) }
        return lines(handle)
    }

    private static func lines(_ handle: FileHandle) -> CommandSource {
        CommandSource(rows: nil) { AnyIterator(CommandLines(file: handle)) }
    }

    private static func imported(_ file: String, _ importer: any CommandImporter.Type) throws -> CommandSource {
        guard let data = FileManager.default.contents(atPath: file) else { throw unreadable(file) }
        do {
            return all(try importer.items(in: Bytes([UInt8](data))))
        } catch {
            throw ClientError(.failed, code: "unreadableFile", "\(file): \(error)")
        }
    }

    private static func generated(_ count: Int, _ seed: UInt64, _ domain: Domain) throws -> CommandSource {
        guard let generator = domain.generator else {
            throw ClientError(
                .usage, code: "noGenerator", "the application '\(domain.name)' makes no commands of its own",
                hint: "roost load FILE")
        }
        return all(try generator.commands(count: count, seed: seed).map { ImportItem.command($0) })
    }

    private static func all(_ items: [ImportItem]) -> CommandSource {
        let rows = items.reduce(0) { $0 + $1.rows }
        return CommandSource(rows: rows) { AnyIterator(items.makeIterator()) }
    }

    private static func unreadable(_ file: String) -> ClientError {
        ClientError(.notFound, code: "noSuchFile", "cannot read \(file)", hint: "check the path")
    }
}

extension ImportItem {
    fileprivate var rows: Int {
        switch self {
        case .command(let command): command.rows
        case .skipped(_, let rows), .invalid(_, _, let rows): rows
        }
    }
}
