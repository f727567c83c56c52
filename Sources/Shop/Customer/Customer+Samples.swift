import Roost

extension Customer {
    /// A customer who moves.
    public static let samples: [CustomerEvent] = [
        .registered(
            CustomerRegistered(
                customer: "customer/17850", email: .plain("ann@example.com"),
                address: Address(name: .plain("Ann Example"), country: "United Kingdom"))),
        .addressChanged(
            AddressChanged(
                customer: "customer/17850", address: Address(name: .plain("Ann Example"), country: "France"))),
        .erased(CustomerErased(customer: "customer/17850")),
    ]
}
