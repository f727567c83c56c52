import RoostCore
import RoostJSON
import RoostNode
public import RoostTrace

extension DomainRun {
    /// Where the contracts of the domain, and what holds of every log, do not hold of the events so far: as if every reactor
    /// had come to its end and the time of every effect were over.
    public func contractFindings() throws -> [CausalFinding] {
        var check = ContractCheck(domain.contracts)
        let decoder = JSONPayloadDecoder()
        for (index, events) in partitions.enumerated() {
            for event in events { try check.add(event, in: PartitionID(UInt32(index)), parts: [event], decoder) }
        }
        return try check.finish(now: Timestamp(nanoseconds: .max)) { _, _ in
            false
        } isKnown: { _ in
            false
        }.findings
    }

    /// Throws `SpecFailure` with the first findings when something is wrong; what is late is no error.
    public func expectContracts() throws {
        let findings = try contractFindings().filter(\.kind.isError)
        guard !findings.isEmpty else { return }
        let lines = findings.prefix(10).map {
            "\($0.kind.rawValue): \($0.contract): \($0.type) \($0.eventID), \($0.detail)"
        }
        throw SpecFailure("\(findings.count) findings:\n" + lines.joined(separator: "\n"))
    }
}
