import RoostClient

/// Decides who may ask what: a web page of another site must neither read nor write, whatever the browser was told.
struct RequestGuard: Sendable {
    let port: Int
    let token: String

    /// Why a request is refused; nil when it may go on.
    struct Refusal: Equatable {
        let status: Int
        let code: String
        let message: String
        let hint: String
    }

    private static let names = ["127.0.0.1", "localhost", "[::1]"]

    /// `host` and `origin` as the client sent them.
    func refusal(host: String?, origin: String?) -> Refusal? {
        let hosts = Self.names.map { "\($0):\(port)" }
        guard let host, hosts.contains(host.lowercased()) else {
            return Refusal(
                status: 403, code: "forbiddenHost", message: "the Host header does not name this gateway",
                hint: "ask for http://\(hosts[0])/")
        }
        guard let origin else { return nil }
        guard hosts.contains(where: { origin.lowercased() == "http://\($0)" }) else {
            return Refusal(
                status: 403, code: "forbiddenOrigin", message: "pages of another origin may not use this gateway",
                hint: "open http://\(hosts[0])/ itself")
        }
        return nil
    }

    /// For requests that change something.
    func refusal(authorization: String?) -> Refusal? {
        let prefix = "Bearer "
        guard let authorization, authorization.hasPrefix(prefix),
            Self.isEqual(authorization.dropFirst(prefix.count), token)
        else {
            return Refusal(
                status: 401, code: "unauthorized", message: "commands need the cluster's token",
                hint: "send the header 'Authorization: Bearer …' with the content of the file 'token' in the "
                    + "cluster's directory")
        }
        return nil
    }

    /// Takes the same time wherever the first difference is.
    private static func isEqual(_ left: some StringProtocol, _ right: String) -> Bool {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        guard left.count == right.count, !left.isEmpty else { return false }
        return zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
