/// The list of faults as the supervisor keeps it, with what all processes say about them, also those that ended.
struct FaultLedger: Sendable {
    private(set) var list: FaultList
    private var lastID = 0
    /// What runs that ended had done, and what those that go on have, by process.
    private var settled: [Int: [String: Int64]] = [:]
    private var versions: [String: Int] = [:]
    private var reported: [String: [Int: [String: Int64]]] = [:]

    init(areAllowed: Bool, from start: [FaultSpec] = []) {
        list = FaultList(areAllowed: areAllowed)
        for fault in start { _ = add(fault) }
    }

    mutating func add(_ fault: FaultSpec) -> ActiveFault {
        lastID += 1
        let active = ActiveFault(id: lastID, fault: fault)
        list.faults.append(active)
        list.version += 1
        return active
    }

    /// Takes faults off the list; `id` nil means all. Returns them with all they did, nil when there is no such fault.
    mutating func clear(_ id: Int?) -> [ActiveFault]? {
        let cleared = list.faults.filter { id == nil || $0.id == id }
        guard id == nil || !cleared.isEmpty else { return nil }
        guard !cleared.isEmpty else { return [] }
        list.faults.removeAll { cleared.contains($0) }
        list.version += 1
        return cleared
    }

    /// Takes in the counters of a running process. Returns whether anything changed.
    mutating func heard(_ process: String, _ counters: [String: Int64]) -> Bool {
        versions[process] = counters[FaultCounters.version].map { Int(clamping: $0) }
        var effects: [Int: [String: Int64]] = [:]
        for (name, value) in counters {
            guard let counter = FaultCounters.parse(name) else { continue }
            effects[counter.id, default: [:]][counter.effect] = value
        }
        guard effects != reported[process, default: [:]] else { return false }
        reported[process] = effects
        return refresh()
    }

    /// Which version of the list a running process has applied; 0 for none.
    func appliedVersion(of process: String) -> Int { versions[process, default: 0] }

    /// The next run of a process counts from 0.
    mutating func ended(_ process: String) {
        versions[process] = nil
        for (id, effects) in reported.removeValue(forKey: process) ?? [:] {
            settled[id, default: [:]].merge(effects) { $0 + $1 }
        }
    }

    private mutating func refresh() -> Bool {
        let before = list.faults
        for index in list.faults.indices {
            let id = list.faults[index].id
            list.faults[index].effects = reported.values.reduce(settled[id] ?? [:]) { total, effects in
                total.merging(effects[id] ?? [:]) { $0 + $1 }
            }
        }
        return list.faults != before
    }
}
