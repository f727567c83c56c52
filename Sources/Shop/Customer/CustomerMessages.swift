public import Roost

/// Everything one may ask of a customer's record.
public enum CustomerCommand: CommandSet, Hashable {
    case register(RegisterCustomer)
    case changeAddress(ChangeAddress)

    public static let kinds: [PayloadKind<CustomerCommand>] = [
        .init(CustomerCommand.register), .init(CustomerCommand.changeAddress),
    ]

    public var payload: any CommandPayload {
        switch self {
        case .register(let payload): payload
        case .changeAddress(let payload): payload
        }
    }
}

/// Somebody becomes a customer.
public struct RegisterCustomer: CommandPayload, Hashable {
    public static let name = "RegisterCustomer"
    public var email: Personal<String>?
    public var address: Address

    public init(email: Personal<String>? = nil, address: Address) {
        self.email = email
        self.address = address
    }
}

/// A customer has moved.
public struct ChangeAddress: CommandPayload, Hashable {
    public static let name = "ChangeAddress"
    public var address: Address

    public init(address: Address) { self.address = address }
}

/// Everything that can happen to a customer's record.
public enum CustomerEvent: EventSet, Hashable {
    case registered(CustomerRegistered)
    case addressChanged(AddressChanged)

    public static let kinds: [PayloadKind<CustomerEvent>] = [
        .init(CustomerEvent.registered), .init(CustomerEvent.addressChanged),
    ]

    public var payload: any EventPayload {
        switch self {
        case .registered(let payload): payload
        case .addressChanged(let payload): payload
        }
    }
}

/// A customer is known by name.
public struct CustomerRegistered: EventPayload, Hashable {
    public static let type = "CustomerRegistered"
    public var customer: String
    public var email: Personal<String>?
    public var address: Address

    public var subject: String? { customer }

    public init(customer: String, email: Personal<String>?, address: Address) {
        self.customer = customer
        self.email = email
        self.address = address
    }
}

/// A customer lives somewhere else now.
public struct AddressChanged: EventPayload, Hashable {
    public static let type = "AddressChanged"
    public var customer: String
    public var address: Address

    public var subject: String? { customer }

    public init(customer: String, address: Address) {
        self.customer = customer
        self.address = address
    }
}
