package import RoostCore
package import RoostTrace

/// What a check of causal contracts has found. Document `roost.contracts/1`.
package struct ContractsDocument: Encodable, Sendable {
    package let schema = "roost.contracts/1"
    /// Nothing is wrong; something may be late.
    package let ok: Bool
    package let events: Int
    package let chains: Int
    /// Effects that may still come: their time is not over, or their reactor has not come to the cause.
    package let pending: Int
    package let contracts: [Contract]
    package let findings: [CausalFinding]

    /// One contract.
    package struct Contract: Encodable, Sendable {
        package let name: String
        /// How many events, keys or chains it was checked for.
        package let checked: Int
        package let errors: Int
        package let warnings: Int
    }

    package init(_ result: ContractCheck.Result) {
        events = result.events
        chains = result.chains
        pending = result.pending
        findings = result.findings
        let byContract = Dictionary(grouping: result.findings, by: \.contract)
        contracts = result.checked.map { name, count in
            let own = byContract[name] ?? []
            let errors = own.count { $0.kind.isError }
            return Contract(name: name, checked: count, errors: errors, warnings: own.count - errors)
        }
        ok = result.findings.allSatisfy { !$0.kind.isError }
    }
}

/// What the live check of causal contracts has found. Document `roost.contracts-live/1`.
package struct LiveContractsDocument: Encodable, Sendable {
    package let schema = "roost.contracts-live/1"
    /// Nothing is wrong, as far as chains were checked.
    package let ok: Bool
    package let lookedAt: Timestamp
    /// Chains that are still to be checked: too young, or something may still come.
    package let pending: Int
    /// Events it has not come to.
    package let behind: UInt64
    /// What holds now, the newest first.
    package let findings: [Found]

    package struct Found: Encodable, Sendable {
        package let foundAt: Timestamp
        package let finding: CausalFinding
    }
}
