import Foundation
import Testing

struct FaultsReport: Document {
    static let schemaName = "roost.faults/1"

    struct Fault: Decodable, Sendable {
        let id: Int
        let fault: [String: String]
        let effects: [String: Int64]
    }

    let schema: String
    let cluster: String
    let allowed: Bool
    let faults: [Fault]
}

struct FaultChangeReport: Document {
    static let schemaName = "roost.fault-change/1"

    let schema: String
    let change: String
    let faults: [FaultsReport.Fault]
}

extension ClusterUnderTest {
    func faults() throws -> [FaultsReport.Fault] {
        try roost("fault", "ls", "--json").expecting(0).document(FaultsReport.self).faults
    }

    /// Adds a fault as a person types it; returns what was answered.
    @discardableResult
    func addFault(_ words: String) throws -> String {
        try begin(["fault", "add"] + words.split(separator: " ").map(String.init)).finish().expecting(0).output
    }

    /// Clears one fault, or all; returns what was answered.
    @discardableResult
    func clearFault(_ id: Int? = nil) throws -> String {
        try roost("fault", "clear", id.map { String($0) } ?? "--all").expecting(0).output
    }

    /// Waits until a fault has done something so many times.
    func wait(forEffect effect: String, atLeast count: Int64, of id: Int = 1) throws {
        var last: [FaultsReport.Fault] = []
        try eventually("\(effect) \(count) times; faults \(last)") {
            last = try faults()
            return last.first { $0.id == id }.map { $0.effects[effect, default: 0] >= count } ?? false
        }
    }
}
