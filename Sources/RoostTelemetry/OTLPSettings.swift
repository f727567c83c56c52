import Foundation

/// Where spans go and how patiently: the environment variables of OpenTelemetry, and limits.
package struct OTLPSettings: Sendable {
    /// The address that takes `POST`s of spans.
    package let endpoint: String
    /// Sent with every request; may hold a secret, so it is never logged.
    package let headers: [Header]
    /// `service.namespace` of every span.
    package let cluster: String
    /// How many events one request holds at most.
    package var eventsMax = 512
    /// How often the log is looked at once everything is sent.
    package var interval: Duration = .seconds(1)
    /// Wait before a request is sent again; doubles from `retryMin` to `retryMax`.
    package var retryMin: Duration = .seconds(1)
    package var retryMax: Duration = .seconds(30)
    /// How long an answer may take.
    package var timeout: Duration = .seconds(10)

    package struct Header: Equatable, Sendable {
        package let name: String
        package let value: String
    }

    private static let endpointKeys = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"]
    private static let headerKeys = ["OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"]

    /// nil when no endpoint is set: then nothing is to be sent. Throws `OTLPSettingError` for a value that cannot be meant.
    package init?(environment: [String: String], cluster: String) throws(OTLPSettingError) {
        guard let key = Self.endpointKeys.first(where: { environment[$0, default: ""] != "" }) else { return nil }
        let text = environment[key, default: ""]
        guard let url = URL(string: text), ["http", "https"].contains(url.scheme?.lowercased()), url.host() != nil
        else {
            throw OTLPSettingError(
                "\(key) is no http or https address: set it as in export \(key)=http://localhost:4318")
        }
        let base = text.last == "/" ? String(text.dropLast()) : text
        endpoint = key == Self.endpointKeys[0] ? text : base + "/v1/traces"
        headers = try Self.headers(environment)
        self.cluster = cluster
    }

    /// `name=value,name=value`, with values as in addresses: `%20` for a blank.
    private static func headers(_ environment: [String: String]) throws(OTLPSettingError) -> [Header] {
        guard let key = headerKeys.first(where: { environment[$0, default: ""] != "" }) else { return [] }
        var headers: [Header] = []
        for pair in environment[key, default: ""].split(separator: ",") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            guard parts.count == 2, parts[0].wholeMatch(of: /[A-Za-z0-9!#$%&'*+.^_`|~-]+/) != nil,
                let value = parts[1].removingPercentEncoding, value.utf8.allSatisfy({ $0 >= 32 && $0 != 127 })
            else {
                // Its value may be a secret.
                throw OTLPSettingError("\(key) is not a list as in export \(key)=name=value,other=value")
            }
            headers.append(Header(name: parts[0], value: value))
        }
        return headers
    }
}

/// A variable of the environment that cannot be meant, and how it is set.
package struct OTLPSettingError: Error, Equatable, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}
