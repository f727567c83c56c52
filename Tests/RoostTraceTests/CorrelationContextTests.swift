import InMemoryLogging
import Instrumentation
import Logging
import RoostCore
import RoostTrace
import Testing

@Suite("The chain that is being worked on")
struct CorrelationContextTests {
    private static let chain = CorrelationID(bits: 0x0190_b7a0_0000_7000_8000_0000_0000_0001)

    @Test("Log lines name it, in tasks too, and no others do; what else is known of the context stays")
    func lines() async throws {
        let lines = InMemoryLogHandler()
        let logger = Logger(label: "any") { _ in
            var handler = lines
            handler.metadataProvider = .correlation
            return handler
        }
        logger.info("before")
        await ServiceContext.withCorrelation(Self.chain) {
            logger.info("within")
            await withTaskGroup(of: Void.self) { group in group.addTask { logger.info("task") } }
            ServiceContext.withCorrelation(nil) { logger.info("unknown") }
        }
        ServiceContext.withCorrelation(Self.chain) { logger.info("at once") }
        logger.info("after")
        let named = lines.entries.filter { $0.metadata["correlation"] == "\(Self.chain)" }.map(\.message.description)
        #expect(named == ["within", "task", "unknown", "at once"])
        #expect(lines.entries.count == 6 && lines.entries.filter { $0.metadata.isEmpty }.count == 2)
    }
}
