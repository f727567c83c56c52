import RoostCore
package import RoostLog

/// Lets a generation that was made beside the live one take its place when somebody asks for it, while the projection goes on.
///
/// A bounded step at a time the new one is brought to where the live one is; then the pointer moves. It moves only when the new
/// one has applied everything that the live one has, accounts for every event, and is on disk. Where anything keeps it from
/// that the order is refused, and the live one stays.
package struct Succession {
    package enum Step {
        case nothing
        /// There is more to do.
        case more
        /// This one is live now, and the files of older ones are gone.
        case done(ProjectionStore)
    }

    private let files: ProjectionFiles
    private let desk: SwapDesk
    private let readers: [any PartitionReader]
    private let build: String
    /// Events of one step.
    private let stepMax: Int
    private let open: @Sendable (_ generation: Int) throws -> ProjectionStore
    private var work: (order: SwapOrder, successor: ProjectionStore)?

    /// `build` names the code that runs.
    package init(
        files: ProjectionFiles, readers: [any PartitionReader], build: String, stepMax: Int = 10_000,
        open: @escaping @Sendable (_ generation: Int) throws -> ProjectionStore
    ) {
        self.files = files
        self.readers = readers
        self.build = build
        self.stepMax = stepMax
        self.open = open
        desk = SwapDesk(projection: files.directory)
    }

    /// Does the next step towards where the live one is. What may pass is thrown, to be tried again.
    mutating func step(
        to vector: [PartitionID: Position], closing live: () throws -> Void
    ) throws -> Step {
        do {
            guard let order = try desk.order() else {
                work = nil
                return .nothing
            }
            let successor = try successor(order)
            if let reader = readers.first(where: { isBehind(successor, vector, $0) }) {
                try advance(successor, reader, vector)
                return .more
            }
            guard try isComplete(successor) else { return .more }
            try files.activate(generation: order.generation)
        } catch {
            if Obstacle.text(of: error) != nil { throw error }
            work = nil
            refuse(error as? SwapRefusal ?? SwapRefusal(reason: "\(error)"))
            return .nothing
        }
        defer { work = nil }
        try live()
        try files.removeOlder()
        try desk.clear()
        return work.map { .done($0.successor) } ?? .nothing
    }

    /// The projection goes on whatever becomes of this: where it cannot be said, the order is looked at again.
    private func refuse(_ refusal: SwapRefusal) { do { try desk.refuse(refusal) } catch { return } }

    /// Carries out an order that was laid down while no process ran, or that the last one did not live to carry out: before the
    /// live generation is opened.
    package mutating func atStart(while isWanted: () -> Bool) throws {
        guard let order = try desk.order() else { return }
        let current = try files.current()
        guard order.generation != current else { return try desk.clear() }
        let vector = try ReadOnlyDatabase(path: files.path(generation: current)).progress().mapValues(\.position)
        while isWanted() {
            switch try step(to: vector, closing: {}) {
            case .more: continue
            case .nothing: return
            case .done(let successor): return try successor.close()
            }
        }
    }

    private mutating func successor(_ order: SwapOrder) throws -> ProjectionStore {
        if let work, work.order == order { return work.successor }
        let current = try files.current()
        guard order.generation == current + 1, files.isMade(order.generation) else {
            throw SwapRefusal(reason: "generation \(order.generation) is not made; generation \(current) is live")
        }
        guard order.build == build else {
            throw SwapRefusal(reason: "another build than this one has made generation \(order.generation)")
        }
        let successor = try open(order.generation)
        work = (order, successor)
        try successor.adoptDiscards(of: files.currentPath(), readers)
        return successor
    }

    private func isBehind(
        _ store: ProjectionStore, _ vector: [PartitionID: Position], _ reader: any PartitionReader
    ) -> Bool {
        store.progress(reader.partition).position < vector[reader.partition] ?? .start
    }

    private func advance(
        _ store: ProjectionStore, _ reader: any PartitionReader, _ vector: [PartitionID: Position]
    ) throws {
        let (reached, target) = (store.progress(reader.partition).position, vector[reader.partition] ?? .start)
        if Mutant.swapBeforeLastBatch.isPlanted { return try pretend(store, reader, target) }
        let limit = Int(min(UInt64(stepMax), target.rawValue - reached.rawValue))
        let page = try reader.events(after: reached, limit: limit)
        guard !page.isEmpty else {
            throw ReaderFailure("the log ends at position \(reached) of partition \(reader.partition)")
        }
        try store.transaction {
            try store.apply(page, of: reader.partition)
            try prove(store, reader)
        }
        Failpoint.afterRebuildBatch.reach()
    }

    private func prove(_ store: ProjectionStore, _ reader: any PartitionReader) throws {
        let position = store.progress(reader.partition).position
        store.prove(reader.partition, digest: try reader.commit(holding: position)?.digest ?? [])
    }

    /// What `Mutant.swapBeforeLastBatch` does.
    private func pretend(_ store: ProjectionStore, _ reader: any PartitionReader, _ target: Position) throws {
        guard let last = try reader.events(after: Position(target.rawValue - 1), limit: 1).first else { return }
        try store.transaction {
            store.miss(last, of: reader.partition)
            try prove(store, reader)
        }
    }

    /// Everything is accounted for and on disk; false while somebody reads an older state of it.
    private func isComplete(_ successor: ProjectionStore) throws -> Bool {
        try successor.adoptDiscards(of: files.currentPath(), readers)
        if !Mutant.swapBeforeLastBatch.isPlanted { try successor.checkBalance(readers) }
        return try successor.store.isCheckpointed()
    }
}
