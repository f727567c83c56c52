import Foundation
package import RoostLog
import Synchronization

/// Opens places by their addresses, and knows which ones have moved since the log wrote them down.
package final class ArchivePlaces: Sendable {
    /// The file in the directory of a log that says what has moved.
    package static let fileName = "archives.json"
    private static let format = "roost.archives/1"

    /// What the file holds.
    private struct Moves: Codable {
        let format: String
        /// Where the archives of an address are now.
        var moved: [String: String]
    }

    private let path: String?
    private let environment: [String: String]

    /// `directory` is that of the log; without one nothing has moved.
    package init(directory: String?, environment: [String: String] = ProcessInfo.processInfo.environment) {
        path = directory.map { "\($0)/\(Self.fileName)" }
        self.environment = environment
    }

    /// The place that an address stands for now.
    package func place(at address: String) throws(EventLogError) -> any ArchivePlace {
        try open(try current(address))
    }

    /// Where the archives of an address are now.
    package func current(_ address: String) throws(EventLogError) -> String {
        try moves().moved[address] ?? address
    }

    /// An address for a message, ready for a name to follow.
    func shown(_ address: String) -> String {
        let now: String
        do throws(EventLogError) { now = try current(address) } catch { now = address }
        return now.hasPrefix("s3:") ? String(now.prefix { $0 != "?" }) + "/" : now + "/"
    }

    /// An address as the log writes it down.
    package func normal(_ address: String) throws(EventLogError) -> String {
        address.hasPrefix("s3:")
            ? try S3Address(address, environment: environment).description : Self.canonical(address)
    }

    /// The place of an address, moved or not.
    package func open(_ address: String) throws(EventLogError) -> any ArchivePlace {
        if address.hasPrefix("s3:") {
            return try S3Place(try S3Address(address, environment: environment), environment: environment)
        }
        guard address.hasPrefix("/") else {
            throw EventLogError(.invalid, "'\(address)' is neither a directory nor an S3 address (s3://BUCKET/PREFIX)")
        }
        return DirectoryPlace(path: Self.canonical(address))
    }

    /// One name for one directory: without links, as far as it exists.
    private static func canonical(_ path: String) -> String {
        var (existing, rest) = (path, [String]())
        while existing != "/", !FileManager.default.fileExists(atPath: existing) {
            let url = URL(fileURLWithPath: existing)
            rest.insert(url.lastPathComponent, at: 0)
            existing = url.deletingLastPathComponent().path
        }
        guard let real = realpath(existing, nil) else { return path }
        defer { free(real) }
        let root = String(cString: real)
        return ([root == "/" ? "" : root] + rest).joined(separator: "/")
    }

    /// Notes, durably, that what was at these addresses is at `place` now.
    package func move(_ addresses: some Sequence<String>, to place: any ArchivePlace) throws(EventLogError) {
        guard let path else { return }
        var moves = try moves()
        for address in addresses { moves.moved[address] = place.address == address ? nil : place.address }
        try DurableFiles.replace(path, with: moves)
    }

    private func moves() throws(EventLogError) -> Moves {
        guard let path, FileManager.default.fileExists(atPath: path) else {
            return Moves(format: Self.format, moved: [:])
        }
        do {
            let moves = try JSONDecoder().decode(Moves.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
            guard moves.format == Self.format else {
                throw EventLogError(.mismatch, "\(path) has format '\(moves.format)', this build reads \(Self.format)")
            }
            return moves
        } catch let error as EventLogError {
            throw error
        } catch {
            throw EventLogError(.corrupt, "\(path) cannot be read: mend it by hand", cause: error)
        }
    }
}
