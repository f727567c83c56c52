public import Roost

/// An order: placed → paid → shipped; cancelled from any of them; shipped again from cancelled.
public enum Order: Aggregate {
    /// Streams are `order/<number>`.
    public static let category = "order"

    /// What the rules need to know.
    public struct State: Codable, Hashable, Sendable {
        /// The order's own stream, as in `order/536365`.
        public let order: String
        /// nil before it is placed.
        public var status: OrderStatus?
        /// The stream of the customer; nil for a guest.
        public var customer: String?
        /// Where the goods go; without a country before the order is placed.
        public var address = Address(country: "")
        /// Empty before the order is placed.
        public var lines: [OrderLine] = []
        /// In minor units.
        public var total = 0
        /// What has been paid, in minor units.
        public var paid = 0
    }

    /// Not placed: without a status.
    public static func initial(id: String) -> State { State(order: "\(category)/\(id)") }

    /// Gives one event, or refuses with a reason. To expire is no change for an order that is past waiting for its payment.
    public static func decide(_ command: OrderCommand, _ state: State) throws -> [OrderEvent] {
        switch command {
        case .place(let command): [.placed(try place(command, state))]
        case .pay(let command): [.paid(try pay(command, state))]
        case .ship(let command): [.shipped(try ship(command, state))]
        case .cancel(let command): [.cancelled(try cancel(command, state))]
        case .expire: try expire(state)
        }
    }

    /// Cancelling and shipping change the status alone: what has been paid stays known.
    public static func evolve(_ state: inout State, _ event: OrderEvent) {
        switch event {
        case .placed(let event):
            state.status = .placed
            state.customer = event.customer
            state.address = event.address
            state.lines = event.lines
            state.total = event.total
        case .paid(let event):
            state.status = .paid
            state.paid = event.amount
        case .shipped: state.status = .shipped
        case .cancelled: state.status = .cancelled
        }
    }
}

extension Order {
    private static func place(_ command: PlaceOrder, _ state: State) throws -> OrderPlaced {
        guard state.status == nil else {
            throw Rejection(
                "\(state.order) has been placed already.", next: "Place the new one under a number of its own.")
        }
        guard !command.lines.isEmpty else {
            throw Rejection("The order has no lines.", next: "Order at least one article.")
        }
        guard command.lines.count <= Limits.linesMax else {
            throw Rejection(
                "The order has \(command.lines.count) lines.", next: "Split it: \(Limits.linesMax) lines are allowed.")
        }
        try command.address.check()
        try Customer.check(command.customer)
        let lines = command.lines.enumerated().map { index, line in
            OrderLine(
                number: index + 1, sku: line.sku, description: line.description ?? "", quantity: line.quantity,
                unitPrice: line.unitPrice)
        }
        for line in lines { try line.check() }
        return OrderPlaced(
            order: state.order, customer: command.customer, address: command.address, lines: lines,
            total: try OrderLine.total(of: lines), payLater: command.payLater ?? false)
    }

    private static func pay(_ command: PayOrder, _ state: State) throws -> OrderPaid {
        switch try status(of: state) {
        case .placed: break
        case .paid, .shipped: throw Rejection("\(state.order) has been paid already.")
        case .cancelled: throw Rejection("\(state.order) is cancelled.", next: "Place a new order.")
        }
        guard command.amount == state.total else {
            throw Rejection(
                "\(state.order) costs \(state.total), not \(command.amount).", next: "Pay the whole amount at once.")
        }
        return OrderPaid(order: state.order, customer: state.customer, amount: command.amount)
    }

    private static func ship(_ command: ShipOrder, _ state: State) throws -> OrderShipped {
        switch (try status(of: state), command.again) {
        case (.paid, false), (.cancelled, true): break
        case (.placed, _): throw Rejection("\(state.order) is not paid.", next: "Send PayOrder first.")
        case (.paid, true):
            throw Rejection("\(state.order) has never been cancelled.", next: "Ship it with \"again\": false.")
        case (.shipped, _):
            throw Rejection("\(state.order) has been shipped already.", next: "Cancel it before it can go out again.")
        case (.cancelled, false):
            throw Rejection("\(state.order) is cancelled.", next: "To send it out anyway, ship with \"again\": true.")
        }
        return OrderShipped(
            order: state.order, customer: state.customer, address: state.address, lines: state.lines,
            amount: state.paid, again: command.again)
    }

    private static func cancel(_ command: CancelOrder, _ state: State) throws -> OrderCancelled {
        let status = try status(of: state)
        guard status != .cancelled else { throw Rejection("\(state.order) is cancelled already.") }
        try Limits.checkText(command.reason, "The reason")
        return OrderCancelled(
            order: state.order, customer: state.customer, reason: command.reason, from: status, amount: state.paid)
    }

    private static func expire(_ state: State) throws -> [OrderEvent] {
        guard try status(of: state) == .placed else { return [] }
        return [.cancelled(try cancel(CancelOrder(reason: "not paid in time"), state))]
    }

    private static func status(of state: State) throws -> OrderStatus {
        guard let status = state.status else {
            throw Rejection("\(state.order) does not exist.", next: "Send PlaceOrder first.")
        }
        return status
    }
}
