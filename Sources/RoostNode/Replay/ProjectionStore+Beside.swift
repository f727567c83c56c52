import RoostCore
import RoostLog

/// What concerns a generation that is made beside the live one.
extension ProjectionStore {
    /// What was discarded in the live one, at this path, leaves the parked set, and what it held up is applied.
    func adoptDiscards(of live: String, _ readers: [any PartitionReader]) throws {
        for stream in try adopt(from: live) {
            while case .done(_, false) = try retry(stream, from: { id in readers.first { $0.partition == id } }) {}
        }
    }

    /// The index of types has led past nothing that the projection handles.
    func checkBalance(_ readers: [any PartitionReader]) throws {
        guard let types = storedTypes else { return }
        for reader in readers {
            let progress = progress(reader.partition)
            let stored = try reader.count(ofTypes: types, through: progress.position)
            let taken = progress.applied + progress.parked + progress.discarded
            guard stored == taken else {
                throw ReaderFailure(
                    "partition \(reader.partition) has \(stored) events for \(name) through position "
                        + "\(progress.position), and \(taken) were found; look at: roost log verify")
            }
        }
    }
}
