import Foundation
import RoostClient
import RoostCore
import RoostTrace

/// Chains that `roost trace --json` has written: one, or a bundle of several.
struct TraceFile {
    let path: String

    private struct Named: Decodable { let schema: String }

    /// All of them, or those with these correlation IDs or with events of these IDs.
    func traces(_ wanted: [CorrelationID]) throws -> [Trace] {
        let all = try read()
        guard !wanted.isEmpty else { return all }
        for id in wanted where !all.contains(where: { $0.isMeant(by: id) }) {
            throw Failure(
                code: "unknownCorrelation", message: "\(path) holds no chain and no event with the ID \(id)",
                hint: "roost trace --file \(path)", exitCode: 4)
        }
        return all.filter { trace in wanted.contains(where: trace.isMeant) }
    }

    private func read() throws -> [Trace] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(
                code: "unknownFile", message: "\(path) cannot be read",
                hint: "roost trace ID --json -o FILE writes one",
                exitCode: 4)
        }
        do {
            let bytes = Array(data)
            switch try DocumentText.parse(Named.self, bytes, what: path).schema {
            case Trace.schema: return [try DocumentText.parse(Trace.self, bytes, what: path)]
            case TraceBundle.schema:
                let traces = try DocumentText.parse(TraceBundle.self, bytes, what: path).traces
                if !traces.isEmpty, traces.allSatisfy({ $0.schema == Trace.schema }) { return traces }
            default: break
            }
        } catch is ClientError {}
        throw Failure(
            code: "noTrace", message: "\(path) holds no chain of format \(Trace.schema) or \(TraceBundle.schema)",
            hint: "roost trace ID --json -o FILE writes one", exitCode: 64)
    }
}

extension Trace {
    fileprivate func isMeant(by id: CorrelationID) -> Bool {
        correlationID == id || events.contains { $0.eventID.bits == id.bits }
    }
}
