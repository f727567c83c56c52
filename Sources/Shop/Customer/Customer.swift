public import Roost

/// What the shop knows about a customer: `customer/<number>`. Orders do not wait for a registration.
public enum Customer: Aggregate {
    /// Streams are `customer/<number>`.
    public static let category = "customer"

    /// What the rules need to know.
    public struct State: Codable, Hashable, Sendable {
        /// The customer's own stream, as in `customer/17850`.
        public let customer: String
        /// nil before the registration.
        public var address: Address?
        /// Nothing happens to this customer any more.
        public var isErased = false
    }

    /// Not registered: without an address.
    public static func initial(id: String) -> State { State(customer: "\(category)/\(id)") }

    /// A customer registers once and moves afterwards. Moving to the same address gives no event. Once erased, nothing more.
    public static func decide(_ command: CustomerCommand, _ state: State) throws -> [CustomerEvent] {
        guard !state.isErased else {
            if case .erase = command { return [] }
            throw Rejection("\(state.customer) was erased.", next: "Register under a new number.")
        }
        switch command {
        case .erase: return [.erased(CustomerErased(customer: state.customer))]
        case .register(let command):
            guard state.address == nil else {
                throw Rejection("\(state.customer) is registered already.", next: "Send ChangeAddress to move.")
            }
            try command.address.check()
            return [
                .registered(
                    CustomerRegistered(customer: state.customer, email: command.email, address: command.address))
            ]
        case .changeAddress(let command):
            guard let address = state.address else {
                throw Rejection("\(state.customer) is not registered.", next: "Send RegisterCustomer first.")
            }
            try command.address.check()
            guard address != command.address else { return [] }
            return [.addressChanged(AddressChanged(customer: state.customer, address: command.address))]
        }
    }

    /// The newest address counts.
    public static func evolve(_ state: inout State, _ event: CustomerEvent) {
        switch event {
        case .registered(let event): state.address = event.address
        case .addressChanged(let event): state.address = event.address
        case .erased:
            state.address = nil
            state.isErased = true
        }
    }

    /// Refuses a reference to anything but the stream of a customer; nil is a guest.
    static func check(_ reference: String?) throws {
        guard let reference else { return }
        let next = "Give a stream such as \"customer/17850\", or null for a guest."
        let stream: StreamName
        do {
            stream = try StreamName(reference)
        } catch {
            throw Rejection("The customer is no stream: \(error).", next: next)
        }
        guard stream.category == category else { throw Rejection("The customer is another stream.", next: next) }
    }
}
