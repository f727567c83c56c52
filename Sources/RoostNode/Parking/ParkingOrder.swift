import Foundation
package import RoostCore

/// What somebody wants done about the parked events of one projection.
package struct ParkingOrder: Codable, Hashable, Sendable {
    package enum Action: String, Codable, Sendable {
        /// Apply them, in order.
        case retry
        /// Say whether they could be applied.
        case dryRun
        /// Give them up.
        case discard
    }

    package let id: String
    package let action: Action
    /// nil for all that are parked when the order is begun.
    package let stream: String?
    /// For `discard`: the last event to give up; nil for all. An order that is carried out once more after a crash so gives up
    /// nothing that it did not name.
    package let through: Position?

    package init(id: String, _ action: Action, stream: String?, through: Position? = nil) {
        self.id = id
        self.action = action
        self.stream = stream
        self.through = through
    }
}

/// What has become of an order so far.
package struct ParkingAnswer: Codable, Hashable, Sendable {
    /// One stream that was gone through.
    package struct Stream: Codable, Hashable, Sendable {
        package let stream: String
        /// Events that were applied, could be, or were discarded: those before the one that was not applied.
        package var events: UInt64
        /// The event that was not applied; nil when all were.
        package var refused: Refusal?
    }

    package struct Refusal: Codable, Hashable, Sendable {
        package let partition: PartitionID
        package let position: Position
        package let type: String
        package let reason: String
    }

    package var isDone = false
    package var streams: [Stream] = []

    package var events: UInt64 { streams.reduce(0) { $0 + $1.events } }
}

/// Where orders about parked events lie until the process of the projection has carried them out: files beside its databases.
package struct ParkingDesk: Sendable {
    private let directory: String

    /// `projection` is the directory of one projection.
    package init(projection: String) { directory = projection + "/orders" }

    /// Lays an order down; the process looks within a quarter of a second.
    package func place(_ order: ParkingOrder) throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try orderFile(order.id).write(order)
    }

    /// The orders that wait, the earliest ID first. One that cannot be read is none.
    package func orders() throws -> [ParkingOrder] {
        try names(ending: "order").compactMap { name in
            let file = DeskFile<ParkingOrder>(path: directory + "/" + name)
            do {
                return try file.read()
            } catch {
                try file.remove()
                return nil
            }
        }
    }

    /// nil before the process has begun with it.
    package func answer(to id: String) throws -> ParkingAnswer? { try answerFile(id).read() }

    /// Says how far an order is; one that is done waits no more.
    package func answer(_ answer: ParkingAnswer, to order: ParkingOrder) throws {
        try answerFile(order.id).write(answer)
        if answer.isDone { try orderFile(order.id).remove() }
    }

    /// Whether an order still waits: whoever placed it may have taken it back.
    package func holds(_ id: String) -> Bool { orderFile(id).exists }

    /// Notes which order is being carried out, so that the next life knows which one this life ended at.
    package func take(_ id: String) throws { try Data(id.utf8).write(to: taking, options: .atomic) }

    /// The order that was taken last; nil when none ever was.
    package func taken() throws -> String? {
        FileManager.default.fileExists(atPath: taking.path) ? try String(contentsOf: taking, encoding: .utf8) : nil
    }

    private var taking: URL { URL(fileURLWithPath: directory + "/taken") }

    /// Takes an order and its answer away.
    package func clear(_ id: String) throws {
        try orderFile(id).remove()
        try answerFile(id).remove()
    }

    /// Takes away the answers that nobody fetched in an earlier life of the process.
    package func clearAnswers() throws {
        let waiting = Set(try orders().map(\.id))
        for name in try names(ending: "answer") where !waiting.contains(String(name.dropLast(".answer".count))) {
            try DeskFile<ParkingAnswer>(path: directory + "/" + name).remove()
        }
    }

    private func orderFile(_ id: String) -> DeskFile<ParkingOrder> { DeskFile(path: "\(directory)/\(id).order") }
    private func answerFile(_ id: String) -> DeskFile<ParkingAnswer> { DeskFile(path: "\(directory)/\(id).answer") }

    private func names(ending end: String) throws -> [String] {
        guard FileManager.default.fileExists(atPath: directory) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasSuffix("." + end) }
            .sorted()
    }
}
