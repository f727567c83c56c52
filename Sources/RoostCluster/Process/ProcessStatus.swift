/// What a process of a cluster says about itself: one line of JSON on its standard output for each change.
public struct ProcessStatus: Codable, Hashable, Sendable {
    /// Ready means ready: everything the process is for works now.
    public var ready: Bool
    /// What it is waiting for, in words; nil when it waits for nothing.
    public var waitingFor: String?
    /// The addresses it is bound to: `ipc://…`, `http://…`.
    public var endpoints: [String]
    /// What it counts, by name; they begin anew with every run.
    public var counters: [String: Int64]
    /// Why it is about to end.
    public var reason: String?
    /// What the process does besides, for one that is not a part of the topology: `rebuilding 40 %`.
    public var progress: String?

    /// The partitions that it owns, and serves.
    public var partitions: [UInt32]
    /// The number of the last order about partitions that it has carried out, to the end.
    public var order: Int64
    /// Grows as long as the thread that does the work of the process gets on; only where somebody watches for it.
    public var beat: Int64

    /// A process that has just started: not ready, bound to nothing.
    public init(
        ready: Bool = false, waitingFor: String? = nil, endpoints: [String] = [], counters: [String: Int64] = [:],
        reason: String? = nil, progress: String? = nil, partitions: [UInt32] = [], order: Int64 = 0, beat: Int64 = 0
    ) {
        self.ready = ready
        self.waitingFor = waitingFor
        self.endpoints = endpoints
        self.counters = counters
        self.reason = reason
        self.progress = progress
        self.partitions = partitions
        self.order = order
        self.beat = beat
    }

    /// Missing keys have their empty values, so a simple child needs to write only `{"ready":true}`.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        ready = try values.decode(Bool.self, forKey: .ready)
        waitingFor = try values.decodeIfPresent(String.self, forKey: .waitingFor)
        endpoints = try values.decodeIfPresent([String].self, forKey: .endpoints) ?? []
        counters = try values.decodeIfPresent([String: Int64].self, forKey: .counters) ?? [:]
        reason = try values.decodeIfPresent(String.self, forKey: .reason)
        progress = try values.decodeIfPresent(String.self, forKey: .progress)
        partitions = try values.decodeIfPresent([UInt32].self, forKey: .partitions) ?? []
        order = try values.decodeIfPresent(Int64.self, forKey: .order) ?? 0
        beat = try values.decodeIfPresent(Int64.self, forKey: .beat) ?? 0
    }
}
