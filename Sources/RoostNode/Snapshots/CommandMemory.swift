/// The hashes of all commands that stored events in one stream: a repeated one is noticed without asking the log.
struct CommandMemory {
    /// From a snapshot, ascending: not copied into the set, which would cost more than everything else of loading.
    private let old: [UInt64]
    private var new: Set<UInt64> = []

    init(old: [UInt64] = []) { self.old = old }

    /// False when it is there already.
    mutating func insert(_ hash: UInt64) -> Bool { !isOld(hash) && new.insert(hash).inserted }

    /// Takes back what `insert` has just added.
    mutating func remove(_ hash: UInt64) { new.remove(hash) }

    /// Every hash, ascending.
    var all: [UInt64] { new.isEmpty ? old : (old + new).sorted() }

    private func isOld(_ hash: UInt64) -> Bool {
        var (low, high) = (0, old.count)
        while low < high {
            let middle = (low + high) / 2
            if old[middle] == hash { return true }
            if old[middle] < hash { low = middle + 1 } else { high = middle }
        }
        return false
    }
}
