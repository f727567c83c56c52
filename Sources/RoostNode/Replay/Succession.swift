import RoostCore
package import RoostLog

/// Lets a generation that was made beside the live one take its place when somebody asks for it, while the projection goes on.
///
/// A step at a time the new one is brought to where the live one is; each step may be twice as long as the one before, so that it
/// comes to an end under any load. Then the pointer moves: only when the new one has applied everything that the live one has,
/// accounts for every event of this log, and is on disk. Where anything keeps it from that the order is refused, and the live one
/// stays. Once the pointer has moved there is no way back.
package struct Succession {
    enum Step {
        case nothing
        /// Nothing that could be done now.
        case later
        /// There is more to do.
        case more
        /// This one is live now, and the files of older ones are gone.
        case done(ProjectionStore)
    }

    private struct Work {
        let order: SwapOrder
        let successor: ProjectionStore
        let lock: GenerationLock
        /// Events of the next step.
        var stepMax: Int
    }

    private let files: ProjectionFiles
    private let desk: SwapDesk
    private let readers: [any PartitionReader]
    private let build: String
    private let firstStep: Int
    private let say: @Sendable (_ words: String) -> Void
    private let open: @Sendable (_ generation: Int) throws -> ProjectionStore
    private var work: Work?

    /// `build` names the code that runs; `say` is told what became of an order.
    package init(
        files: ProjectionFiles, readers: [any PartitionReader], build: String, firstStep: Int = 10_000,
        say: @escaping @Sendable (_ words: String) -> Void = { _ in },
        open: @escaping @Sendable (_ generation: Int) throws -> ProjectionStore
    ) {
        self.files = files
        self.readers = readers
        self.build = build
        self.firstStep = firstStep
        self.say = say
        self.open = open
        desk = SwapDesk(projection: files.directory)
    }

    /// Does the next step towards where the live one is, which `closeLive` closes; ends it early once it is not wanted any more.
    /// Throws only when the pointer has moved.
    mutating func step(
        to vector: [PartitionID: Position], while isWanted: () -> Bool = { true }, closeLive: () throws -> Void
    ) throws -> Step {
        let work: Work
        do {
            guard let order = try desk.order() else {
                drop()
                return .nothing
            }
            guard let begun = try begun(order) else { return .later }
            guard try advance(begun, vector, while: isWanted) else { return .more }
            guard try isComplete(begun) else { return .later }
            guard desk.take() else {
                drop()
                return .nothing
            }
            Failpoint.beforeSwap.reach()
            try files.activate(generation: order.generation)
            Failpoint.afterSwap.reach()
            work = begun
        } catch let moved as ProjectionFiles.Unsynced {
            throw moved
        } catch {
            drop()
            refuse(error as? SwapRefusal ?? SwapRefusal(reason: "\(error)"))
            return .nothing
        }
        self.work = nil
        try closeLive()
        try files.removeOlder()
        try desk.fulfil()
        say("generation \(work.order.generation) is live now")
        return .done(work.successor)
    }

    /// Carries out an order that was laid down while no process ran, or that the last one did not live to carry out: before the
    /// live generation is opened.
    package mutating func atStart(while isWanted: () -> Bool) throws {
        guard let order = try desk.order() else { return }
        let current = try files.current()
        guard order.generation != current else {
            try files.removeOlder()
            return try desk.fulfil()
        }
        let vector: [PartitionID: Position]
        do {
            vector = try ReadOnlyDatabase(path: files.path(generation: current)).progress().mapValues(\.position)
        } catch {
            return refuse(SwapRefusal(reason: "generation \(current), which is live, cannot be read: \(error)"))
        }
        while isWanted() {
            switch try step(to: vector, while: isWanted, closeLive: {}) {
            case .more: continue
            case .nothing, .later: return
            case .done(let successor): return try successor.close()
            }
        }
        drop()
    }

    /// nil while a rebuild works at that generation.
    private mutating func begun(_ order: SwapOrder) throws -> Work? {
        if let work, work.order == order { return work }
        drop()
        guard let lock = try files.lockGeneration() else { return nil }
        let current = try files.current()
        guard order.generation == current + 1, files.isMade(order.generation, root: order.root) else {
            throw SwapRefusal(
                reason: "generation \(order.generation) is not made as it was meant; generation \(current) is live")
        }
        guard order.build == build else {
            throw SwapRefusal(reason: "another build than this one has made generation \(order.generation)")
        }
        let work = Work(order: order, successor: try open(order.generation), lock: lock, stepMax: firstStep)
        self.work = work
        try work.successor.adoptDiscards(of: files.currentPath(), readers, crashes: true)
        return work
    }

    /// Takes back what was begun. Nothing of it has been shown to anybody.
    private mutating func drop() {
        defer { work = nil }
        do { try work?.successor.close() } catch { return }
    }

    /// The projection goes on whatever becomes of this: where it cannot be said, the order is looked at again.
    private func refuse(_ refusal: SwapRefusal) {
        say("a new generation was refused: \(refusal.reason)")
        do { try desk.refuse(refusal) } catch { return }
    }

    /// Applies as many events as a step may; true when the successor is where the live one is.
    private mutating func advance(
        _ work: Work, _ vector: [PartitionID: Position], while isWanted: () -> Bool
    ) throws -> Bool {
        var left = work.stepMax
        self.work?.stepMax = min(work.stepMax * 2, Int.max / 4)
        for reader in readers {
            let target = vector[reader.partition] ?? .start
            while case let reached = work.successor.progress(reader.partition).position, reached < target {
                guard left > 0, isWanted() else { return false }
                if Mutant.swapBeforeLastBatch.isPlanted { try pretend(work.successor, reader, target) }
                left -= try apply(
                    reader, after: reached, limit: min(left, Self.pageMax, Int(target.rawValue - reached.rawValue)),
                    work.successor)
            }
        }
        return true
    }

    private static let pageMax = 10_000

    private func apply(
        _ reader: any PartitionReader, after position: Position, limit: Int, _ store: ProjectionStore
    ) throws -> Int {
        if Mutant.swapBeforeLastBatch.isPlanted { return limit }
        let page = try reader.events(after: position, limit: limit)
        guard !page.isEmpty else {
            throw SwapRefusal(reason: "the log ends at position \(position) of partition \(reader.partition)")
        }
        try store.transaction {
            try store.apply(page, of: reader.partition)
            try store.prove(by: reader)
        }
        Failpoint.afterRebuildBatch.reach()
        return page.count
    }

    /// What `Mutant.swapBeforeLastBatch` does.
    private func pretend(_ store: ProjectionStore, _ reader: any PartitionReader, _ target: Position) throws {
        guard let last = try reader.events(after: Position(target.rawValue - 1), limit: 1).first else { return }
        try store.transaction {
            store.miss(last, of: reader.partition)
            try store.prove(by: reader)
        }
    }

    /// Everything is accounted for and on disk; false while somebody reads an older state of it.
    private func isComplete(_ work: Work) throws -> Bool {
        let (successor, live) = (work.successor, try files.currentPath())
        try successor.adoptDiscards(of: live, readers, crashes: true)
        if work.order.isParkedAlike { try refuseRetried(successor, live) }
        if !Mutant.swapBeforeLastBatch.isPlanted { try successor.checkBalance(readers) }
        for reader in readers {
            guard try successor.isOfHistory(reader) else {
                throw SwapRefusal(reason: "partition \(reader.partition) has another history than it has applied")
            }
        }
        return try successor.store.isCheckpointed()
    }

    /// What both had parked, and was applied in the live one since, would be parked again.
    private func refuseRetried(_ successor: ProjectionStore, _ live: String) throws {
        guard let place = try successor.firstParked(besides: live) else { return }
        throw SwapRefusal(
            reason:
                "the parked event at position \(place.position) of partition \(place.partition) was applied since it was "
                + "made; make it again")
    }
}
