import Foundation
import Roost
import Shop

/// Reads what is stored with another decoder than the one that the domain uses.
enum Stored {
    static func order(_ event: RecordedEvent) throws -> OrderEvent {
        let data = Data(event.payload.array)
        let decoder = JSONDecoder()
        switch event.type {
        case OrderPlaced.type: return .placed(try decoder.decode(OrderPlaced.self, from: data))
        case OrderPaid.type: return .paid(try decoder.decode(OrderPaid.self, from: data))
        case OrderShipped.type: return .shipped(try decoder.decode(OrderShipped.self, from: data))
        default: return .cancelled(try decoder.decode(OrderCancelled.self, from: data))
        }
    }

    static func placeOrder(_ command: ImportedCommand) throws -> PlaceOrder {
        try JSONDecoder().decode(PlaceOrder.self, from: Data(command.data.array))
    }
}
