public import Roost

/// Everything one may ask of a customer's record.
public enum CustomerCommand: CommandSet, Hashable {
    case register(RegisterCustomer)
    case changeAddress(ChangeAddress)
    case erase(EraseCustomer)

    /// Every command of a customer by its declared name.
    public static let kinds: [PayloadKind<CustomerCommand>] = [
        .init(CustomerCommand.register), .init(CustomerCommand.changeAddress), .init(CustomerCommand.erase),
    ]

    /// The data of this command.
    public var payload: any CommandPayload {
        switch self {
        case .register(let payload): payload
        case .changeAddress(let payload): payload
        case .erase(let payload): payload
        }
    }
}

/// Somebody becomes a customer.
public struct RegisterCustomer: CommandPayload, Hashable {
    /// The name on the wire; never changes.
    public static let name = "RegisterCustomer"
    /// nil when the customer gave none.
    public var email: Personal<String>?
    /// Where the customer lives at first.
    public var address: Address

    /// Checks nothing: the rules of `Customer` decide.
    public init(email: Personal<String>? = nil, address: Address) {
        self.email = email
        self.address = address
    }
}

/// A customer has moved.
public struct ChangeAddress: CommandPayload, Hashable {
    /// The name on the wire; never changes.
    public static let name = "ChangeAddress"
    /// Where the customer lives from now on.
    public var address: Address

    /// Checks nothing: the rules of `Customer` decide.
    public init(address: Address) { self.address = address }
}

/// Everything that can happen to a customer's record.
public enum CustomerEvent: EventSet, Hashable {
    case registered(CustomerRegistered)
    case addressChanged(AddressChanged)
    case erased(CustomerErased)

    /// Every event of a customer by its declared type.
    public static let kinds: [PayloadKind<CustomerEvent>] = [
        .init(CustomerEvent.registered), .init(CustomerEvent.addressChanged), .init(CustomerEvent.erased),
    ]

    /// The data of this event.
    public var payload: any EventPayload {
        switch self {
        case .registered(let payload): payload
        case .addressChanged(let payload): payload
        case .erased(let payload): payload
        }
    }
}

/// A customer is known by name.
public struct CustomerRegistered: EventPayload, Hashable {
    /// The type as it is stored; never changes.
    public static let type = "CustomerRegistered"
    /// The customer's own stream, as in `customer/17850`.
    public var customer: String
    /// nil when the customer gave none.
    public var email: Personal<String>?
    /// Where the customer lives.
    public var address: Address

    /// The customer, whose e-mail and address it holds.
    public var subject: String? { customer }

    /// `customer` is the stream, not the number alone.
    public init(customer: String, email: Personal<String>?, address: Address) {
        self.customer = customer
        self.email = email
        self.address = address
    }
}

/// A customer lives somewhere else now.
public struct AddressChanged: EventPayload, Hashable {
    /// The type as it is stored; never changes.
    public static let type = "AddressChanged"
    /// The customer's own stream, as in `customer/17850`.
    public var customer: String
    /// Where the customer lives now.
    public var address: Address

    /// The customer, whose address it holds.
    public var subject: String? { customer }

    /// `customer` is the stream, not the number alone.
    public init(customer: String, address: Address) {
        self.customer = customer
        self.address = address
    }
}

/// Everything personal about the customer is gone: sent once its keys are destroyed.
public struct EraseCustomer: CommandPayload, Hashable {
    /// The name on the wire; never changes.
    public static let name = "EraseCustomer"

    /// Says all there is to say.
    public init() {}
}

/// Nobody can read any more who this customer was. The ID is not used again.
public struct CustomerErased: EventPayload, Hashable {
    /// The type as it is stored; never changes.
    public static let type = "CustomerErased"
    /// The stream of the customer, as in `customer/17850`.
    public var customer: String

    /// Holds nothing personal, and so has no subject.
    public init(customer: String) { self.customer = customer }
}
