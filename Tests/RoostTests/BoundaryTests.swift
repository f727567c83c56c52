import Foundation
import Testing

/// What the compiler itself has to refuse.
@Suite("The boundary between internal and public events", .timeLimit(.minutes(2)))
struct BoundaryTests {
    private static let declarations = """
        import RoostCore
        struct Stored: EventPayload { static let type = "Stored"; var order: String }
        struct Shown: PublicEvent {
            static let type = "Shown"
            static let summary = "Shown."
            static let sample = Shown(order: "order/1")
            var order: String
            var subject: String { order }
        }
        func publish(_ event: any PublicEvent) {}

        """

    /// What the compiler says about a program; empty when it accepts it.
    private static func problems(with code: String) async throws -> String {
        let file = NSTemporaryDirectory() + "boundary-\(UUID().uuidString).swift"
        try (declarations + code).write(toFile: file, atomically: true, encoding: .utf8)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: file) } }
        let products = try Tool.products()
        let map = "-Xcc -fmodule-map-file='\(products)/CChecksum.build/module.modulemap'"
        let words = "swiftc -typecheck -swift-version 6 -I '\(products)/Modules' \(map) '\(file)'"
        let answer = try await Tool.shell(words, in: NSTemporaryDirectory())
        return answer.code == 0 ? "" : answer.errors
    }

    @Test("A public event can be published, a stored one cannot, and no type can be both")
    func boundary() async throws {
        #expect(try await Self.problems(with: #"publish(Shown(order: "order/1"))"#) == "")
        let stored = try await Self.problems(with: #"publish(Stored(order: "order/1"))"#)
        #expect(stored.contains("'Stored'") && stored.contains("PublicEvent"), "\(stored)")
        let both = try await Self.problems(
            with: #"""
                extension Stored: PublicEvent {
                    static let summary = "Both."
                    static let sample = Stored(order: "order/1")
                    var subject: String? { order }
                }
                """#)
        #expect(both.contains("error:") && both.contains("Stored"), "\(both)")
    }
}
