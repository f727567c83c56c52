public import Roost

/// Where somebody lives or goods go. Everything but the country is personal and may be missing.
public struct Address: Codable, Hashable, Sendable {
    /// Who lives there.
    public var name: Personal<String>?
    /// With the number of the house.
    public var street: Personal<String>?
    /// The town, village or district.
    public var city: Personal<String>?
    /// As the country writes it.
    public var postcode: Personal<String>?
    /// In words, as in `United Kingdom`; the one part that must be there, and never erased.
    public var country: String

    /// Checks nothing: the aggregate that receives an address refuses one without a country.
    public init(
        name: Personal<String>? = nil, street: Personal<String>? = nil, city: Personal<String>? = nil,
        postcode: Personal<String>? = nil, country: String
    ) {
        self.name = name
        self.street = street
        self.city = city
        self.postcode = postcode
        self.country = country
    }

    /// What a person may search for, as far as it is readable.
    var words: String {
        [name?.value, street?.value, city?.value, postcode?.value, country].compactMap { $0 }.joined(separator: " ")
    }

    func check() throws {
        guard !country.allSatisfy(\.isWhitespace) else {
            throw Rejection("The address has no country.", next: "Give one, as in \"country\": \"United Kingdom\".")
        }
    }
}
