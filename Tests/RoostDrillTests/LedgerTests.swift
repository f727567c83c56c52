import RoostClient
import RoostCore
import RoostDrill
import RoostLog
import RoostNode
import Testing

@Suite("What a log has to hold after a drill")
struct LedgerTests {
    private static let partition = PartitionID(3)

    @Test("What was acknowledged in a partition that cannot be read to its end is lost, once for all its commands")
    func unread() throws {
        let ledger = DrillLedger()
        for number in 1...3 { try ledger.record(command(number), answer(.accepted)) }
        let found = LogContent().compare(with: ledger.entries, unread: [Self.partition: "it is damaged"])
        #expect(found.map(\.class) == [.acknowledgedLost])
        #expect(found.first?.message == "3 accepted commands cannot be read any more: it is damaged")
        #expect(LogContent().compare(with: [], unread: [Self.partition: "damaged"]).map(\.class) == [.logDamaged])
        #expect(LogContent().compare(with: ledger.entries).count == 3)
    }

    @Test("A command that nobody settled in all its time is a finding; one that was cut short is none")
    func unsettled() throws {
        let ledger = DrillLedger()
        try ledger.record(command(1), answer(.accepted))
        try ledger.record(command(2), answer(.unavailable), isCutShort: true)
        #expect(ledger.unsettledFindings.isEmpty)
        try ledger.record(command(3), answer(.unavailable))
        try ledger.record(command(4), answer(.unknown))
        let found = ledger.unsettledFindings
        #expect(found.map(\.class) == [.notRecovered])
        #expect(found.first?.message.contains("2 commands were neither accepted nor refused") == true, "\(found)")
        #expect(found.first?.message.contains("drill-3 to order/3") == true, "\(found)")
    }

    private func command(_ number: Int) throws -> ImportedCommand {
        ImportedCommand(
            command: "PlaceOrder", stream: try StreamName("order/\(number)"), data: Bytes("{}"),
            commandID: try CommandID("drill-\(number)"), occurred: nil, rows: 1)
    }

    private func answer(_ outcome: CommandOutcome) -> CommandAnswer {
        CommandAnswer(
            number: 1, outcome: outcome, events: outcome == .accepted ? 1 : 0, partition: Self.partition)
    }
}
