import Foundation
import RoostCore
import Testing

@testable import RoostTrace

@Suite struct TraceDocumentTests {
    @Test("A missing value is written as null, so every field of the contract is always there")
    func explicitNull() throws {
        struct Document: Codable {
            @Explicit var cause: EventID?
            @Explicit var process: String?
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let data = try encoder.encode(Document(cause: nil, process: "orders-0"))
        #expect(String(decoding: data, as: UTF8.self) == #"{"cause":null,"process":"orders-0"}"#)
        let decoded = try JSONDecoder().decode(Document.self, from: data)
        #expect(decoded.cause == nil && decoded.process == "orders-0")
    }
}
