/// How a drill ended.
package enum DrillResult: String, Codable, Sendable {
    case passed
    case failed
    /// Nothing was proved: the cluster was not as it should be before the method, or the method was given up.
    case inconclusive
}

/// What kind of promise was broken. The raw values are part of documents, the most serious first.
package enum DrillFailureClass: String, Codable, Sendable, CaseIterable {
    case acknowledgedLost = "acknowledged event lost"
    case doubled = "event doubled"
    case staleWriter = "stale writer accepted"
    case notRefused = "not refused"
    case logDamaged = "log damaged"
    case projectionWrong = "projection wrong"
    case skippedSilently = "skipped silently"
    case answeredWrongly = "answered wrongly"
    case contractBroken = "contract broken"
    case queryFailed = "query failed"
    case notRecovered = "not recovered"
    case notConverged = "not converged"
    case stepFailed = "step failed"
    case leftover = "leftover"
}

/// One promise that was not kept.
package struct DrillFinding: Codable, Sendable, Hashable {
    package let `class`: DrillFailureClass
    /// What was seen, for a person.
    package let message: String

    package init(_ failure: DrillFailureClass, _ message: String) {
        `class` = failure
        self.message = message
    }
}

/// What a drill has shown.
package struct DrillVerdict: Codable, Sendable {
    package let result: DrillResult
    /// Of the most serious finding.
    package let `class`: DrillFailureClass?
    /// Why nothing, or beside the findings not everything, was proved.
    package let reason: String?
    package let findings: [DrillFinding]

    /// A broken promise weighs more than a reason why something could not be looked at.
    package init(_ findings: [DrillFinding], inconclusive reason: String? = nil) {
        let order = DrillFailureClass.allCases
        self.findings = findings.enumerated().sorted { left, right in
            let places = (order.firstIndex(of: left.element.class) ?? 0, order.firstIndex(of: right.element.class) ?? 0)
            return (places.0, left.offset) < (places.1, right.offset)
        }.map(\.element)
        `class` = self.findings.first?.class
        self.reason = reason
        result = findings.isEmpty ? reason == nil ? .passed : .inconclusive : .failed
    }

    /// Of a drill that has failed: why besides not everything was proved.
    package var unproved: String? { result == .failed ? reason : nil }

    /// In one line.
    package var words: String {
        switch result {
        case .passed: "passed"
        case .failed: "failed: \(self.class?.rawValue ?? "")"
        case .inconclusive: "inconclusive: \(reason ?? "")"
        }
    }
}
