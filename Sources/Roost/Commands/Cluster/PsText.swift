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
        return "\(Paint.name(document.cluster))\(gateway)\n" + table.text + owners(document) + faults(document)
    }

    /// One line; nothing where no process owns a partition.
    private static func owners(_ document: PsDocument) -> String {
        let owners = document.processes.filter { !$0.partitions.isEmpty }.map { process in
            "\(process.name) \(ranges(process.partitions.sorted()))"
        }
        return owners.isEmpty ? "" : "partitions  " + owners.joined(separator: "  ") + "\n"
    }

    /// `0-2,5` for 0, 1, 2 and 5.
    static func ranges(_ ascending: [UInt32]) -> String {
        var ranges: [ClosedRange<UInt32>] = []
        for number in ascending {
            if let last = ranges.last, last.upperBound + 1 == number {
                ranges[ranges.count - 1] = last.lowerBound...number
            } else {
                ranges.append(number...number)
            }
        }
        return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ",")
    }

    /// One line; nothing where no fault holds.
    private static func faults(_ document: PsDocument) -> String {
        guard !document.faults.isEmpty else { return "" }
        let count = document.faults.count
        let words = "\(Counted.of(count, "fault")) \(count == 1 ? "holds" : "hold")"
        return Paint.bad(words) + ": roost fault ls, roost fault clear --all\n"
    }

    /// A projection that is ready does not wait for what it has parked; a person may.
    private static func parked(_ process: PsDocument.Process) -> String? {
        guard let streams = process.counters["parkedStreams"], streams > 0 else { return nil }
        return "nothing; \(Counted.of(streams, "stream")) parked: roost parked ls"
    }
}
