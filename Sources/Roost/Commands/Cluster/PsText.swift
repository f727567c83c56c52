import RoostCluster

/// `roost.ps/1` as a table.
enum PsText {
    static func text(_ document: PsDocument) -> String {
        var table = TextTable([
            ("name", .left), ("role", .left), ("state", .left), ("pid", .right), ("restarts", .right),
            ("last exit", .left), ("waiting for", .left),
        ])
        for process in document.processes {
            table.add([
                process.name, process.role, process.state, process.pid.map { String($0) } ?? "-",
                String(process.restarts), process.lastExit?.reason ?? "-",
                process.waitingFor ?? parked(process) ?? "-",
            ])
        }
        let gateway = document.gateway.map { "  \($0)" } ?? ""
        return "\(Paint.name(document.cluster))\(gateway)\n" + table.text
    }

    /// A projection that is ready does not wait for what it has parked; a person may.
    private static func parked(_ process: PsDocument.Process) -> String? {
        guard let streams = process.counters["parkedStreams"], streams > 0 else { return nil }
        return "nothing; \(Counted.of(streams, "stream")) parked: roost parked ls"
    }
}
