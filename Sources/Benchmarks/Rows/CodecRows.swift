import Foundation
import RoostJSON

/// JSON through Codable: this codec beside Foundation's.
enum CodecRows {
    static func measure() async throws -> [Row] {
        let event = ParcelMoved(
            parcel: "parcel/4711", move: 3, from: "depot 12", to: "depot 13", carrier: "Northern Rail Freight",
            weight: 870, price: 1295, note: "Leave with the neighbour at number 12 when nobody opens the door")
        return [
            try encode(event), try decode("JSON: decode an event", ParcelMoved.self, event),
            try decode("JSON: decode two fields of it", Part.self, event),
        ]
    }

    private static func encode(_ event: ParcelMoved) throws -> Row {
        let (own, foundation) = (JSONPayloadEncoder(), JSONEncoder())
        var (values, limits): ([Double], [Double]) = ([], [])
        for _ in 0..<Suite.rounds {
            limits.append(try Measure.rate { _ = try foundation.encode(event) })
            values.append(try Measure.rate { try own.encode(event) { precondition($0.count > 100) } })
        }
        return Row("JSON: encode an event", unit: "events/s", values, limit: limits, of: "Foundation", target: nil)
    }

    /// What a projection reads of the event.
    private struct Part: Decodable {
        let to: String
        let weight: Int64
    }

    private static func decode<Value: Decodable>(
        _ name: String, _ type: Value.Type, _ event: ParcelMoved
    ) throws -> Row {
        let (own, foundation) = (JSONPayloadDecoder(), JSONDecoder())
        let bytes = try JSONPayloadEncoder().bytes(event)
        let data = Data(bytes)
        var (values, limits): ([Double], [Double]) = ([], [])
        for _ in 0..<Suite.rounds {
            limits.append(try Measure.rate { _ = try foundation.decode(type, from: data) })
            values.append(try Measure.rate { _ = try own.decode(type, from: bytes) })
        }
        return Row(name, unit: "events/s", values, limit: limits, of: "Foundation", target: nil)
    }
}
