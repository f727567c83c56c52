public import Roost

/// Where somebody lives or goods go. Everything but the country is personal and may be missing.
public struct Address: Codable, Hashable, Sendable {
    public var name: Personal<String>?
    public var street: Personal<String>?
    public var city: Personal<String>?
    public var postcode: Personal<String>?
    public var country: String

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
