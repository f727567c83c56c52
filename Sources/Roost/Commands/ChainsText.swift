import RoostTrace

/// Many chains as tables.
enum ChainsText {
    static func text(_ summary: ChainSummary, showsKinds: Bool) -> String {
        (showsKinds ? kinds(summary) : "") + (summary.slowest.isEmpty ? "" : slowest(summary))
    }

    private static func kinds(_ summary: ChainSummary) -> String {
        var table = TextTable([
            ("begins with", .left), ("chains", .right), ("events", .right), ("median", .right), ("p99", .right),
            ("slowest step", .left),
        ])
        for kind in summary.kinds {
            table.add([
                kind.type, "\(kind.chains)", "\(kind.events)", ProcessMap.words(kind.median),
                ProcessMap.words(kind.p99),
                kind.slowestStep ?? "-",
            ])
        }
        return table.text
    }

    private static func slowest(_ summary: ChainSummary) -> String {
        var table = TextTable([
            ("took", .right), ("events", .right), ("begins with", .left), ("correlation", .left),
        ])
        for chain in summary.slowest {
            table.add([
                ProcessMap.words(chain.duration), "\(chain.events)", chain.type, chain.correlationID.description,
            ])
        }
        return table.text + "next: roost trace \(summary.slowest[0].correlationID)\n"
    }
}
