package import RoostTrace

/// What has changed from one run of drills to another. Document `roost.drill-diff/1`.
package struct DrillDiff: Encodable, Sendable {
    /// One number before and after; null where there is none.
    package struct Change: Encodable, Sendable {
        package let what: String
        @Explicit package var before: Double?
        @Explicit package var after: Double?
    }

    package struct Drill: Encodable, Sendable {
        package let drill: String
        @Explicit package var verdictBefore: String?
        @Explicit package var verdictAfter: String?
        /// It passed before and does not pass now.
        package let isWorse: Bool
        /// Numbers that differ.
        package let changes: [Change]
    }

    package let schema = "roost.drill-diff/1"
    package let drills: [Drill]
    package var isWorse: Bool { drills.contains { $0.isWorse } }

    package init(_ before: DrillReports, _ after: DrillReports) {
        let names = Set((before.reports + after.reports).map(\.drill)).sorted()
        drills = names.map { name in
            let old = before.reports.last { $0.drill == name }
            let new = after.reports.last { $0.drill == name }
            return Drill(
                drill: name, verdictBefore: old?.verdict.words, verdictAfter: new?.verdict.words,
                isWorse: old?.verdict.result == .passed && new?.verdict.result != .passed,
                changes: Self.changes(old, new))
        }
    }

    private static func changes(_ before: DrillReport?, _ after: DrillReport?) -> [Change] {
        guard let before, let after else { return [] }
        let numbers: [(String, (DrillReport) -> Double?)] = [
            ("seconds", { $0.seconds }), ("ready after", { $0.readyAfter }), ("caught up after", { $0.caughtUpAfter }),
            ("published", { Double($0.deliveryTotal.published) }), ("received", { Double($0.deliveryTotal.received) }),
            ("re-read from log", { Double($0.deliveryTotal.reread) }), ("lost", { Double($0.deliveryTotal.lost) }),
            ("commands sent again", { Double($0.load.retries) }), ("unsettled", { Double($0.load.unsettled) }),
            ("queries failed", { $0.queries.map { Double($0.failed) } }),
            ("findings", { Double($0.verdict.findings.count) }),
            ("restarts", { $0.samples.last.map { Double($0.restarts) } }),
        ]
        return numbers.compactMap { what, number in
            let (old, new) = (number(before), number(after))
            return old == new ? nil : Change(what: what, before: old, after: new)
        }
    }
}
