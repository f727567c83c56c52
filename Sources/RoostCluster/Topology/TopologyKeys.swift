/// Every key a topology knows, by where it may stand. The editors' JSON Schema has the same lists, which a test checks.
enum TopologyKeys {
    static let root = ["roost", "name", "log", "bus", "processes", "faults"]
    static let log = ["partitions", "placement"]
    static let group = ["categories", "partitions"]
    static let bus = ["transport", "sendHighWater", "receiveHighWater"]
    static let process = ["role", "hosts", "partitions", "replicas", "failover", "env", "restart", "stop", "parking"]
    static let restart = ["when", "max", "within", "backoff"]
    static let stop = ["grace"]
    static let fault = [
        "kind", "process", "from", "to", "link", "rate", "count", "by", "jitter", "both", "offset", "seed",
    ]
    static let failover = ["standbys", "stalledAfter", "killsStalled"]
    static let parking = ["streams", "crashes"]

    /// Keys of this prefix are the user's own, everywhere.
    static let freePrefix = "x-"
    /// Only an aggregate process owns partitions.
    static let aggregateOnly = ["hosts", "partitions", "replicas", "failover"]
    /// Only a projection parks events.
    static let projectionOnly = ["parking"]
}
