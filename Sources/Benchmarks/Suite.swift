/// All benchmarks, one after the other, so that none disturbs another.
struct Suite {
    private let options: Options
    static let rounds = 3

    init(_ options: Options) { self.options = options }

    private typealias Part = (name: String, run: () async throws -> [Row])
    private let parts: [Part] = [
        ("codec", CodecRows.measure),
        ("log", LogRows.append),
        ("commands", CommandRows.throughput),
        ("hot", CommandRows.hotAggregate),
        ("fan-out", FanOutRows.measure),
        ("rebuild", RebuildRows.measure),
        ("visibility", VisibilityRows.measure),
        ("traces live", TraceRows.live),
        ("traces find", TraceRows.find),
        ("snapshots", SnapshotRows.measure),
        ("vault", VaultRows.measure),
        ("archive", ArchiveRows.measure),
        ("failover", FailoverRows.measure),
    ]

    func run() async throws {
        var report = Report()
        if !options.isJSON { print(Report.header) }
        for part in parts where options.only.map({ part.name.contains($0) }) ?? true {
            for row in try await part.run() {
                report.add(row)
                if !options.isJSON { print(Report.line(row)) }
            }
        }
        if options.isJSON { print(try report.json()) }
    }
}
