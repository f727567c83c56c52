/// Every key a drill knows, by where it may stand.
package enum DrillKeys {
    package static let root = [
        "drill", "name", "title", "given", "load", "queries", "settle", "method", "stop-if", "expect", "ensure", "seed",
        "mode",
        "explore",
    ]
    package static let given = ["topology", "with", "failpoints", "poison", "load"]
    package static let load = ["commands", "rate", "clients", "repeat"]
    package static let repeated = ["command", "to", "data"]
    package static let stopIf = ["restarts", "lag", "failed", "after"]
    package static let explore = ["picks", "within", "among"]
    /// What every step may have.
    package static let step = ["at", "exit", "says", "within", "for", "beside", "times"]
    /// What a step does: exactly one of them.
    package static let actions = [
        "kill", "pause", "resume", "stop", "start", "restart", "rebuild", "backup", "restore", "cluster", "move",
        "fault", "clear", "mend", "retry", "discard", "burst", "wait-for", "remove", "copy", "roost",
    ]
    package static let copy = ["from", "to"]
    package static let waitFor = ["process", "state"]
}
