public import Instrumentation
public import Logging
public import RoostCore

private enum CorrelationKey: ServiceContextKey {
    typealias Value = CorrelationID
    static let nameOverride: String? = "correlation"
}

extension ServiceContext {
    /// The chain that is being worked on.
    public var correlationID: CorrelationID? {
        get { self[CorrelationKey.self] }
        set { self[CorrelationKey.self] = newValue }
    }

    /// Runs `body` as work on a chain: every line that it logs can name the chain. Without one it changes nothing.
    package static func withCorrelation<Result>(
        _ correlation: CorrelationID?, _ body: () async throws -> Result
    ) async rethrows -> Result {
        guard let correlation else { return try await body() }
        return try await $current.withValue(current.with(correlation)) { try await body() }
    }

    /// The same for work that does not wait.
    package static func withCorrelation<Result>(
        _ correlation: CorrelationID?, _ body: () throws -> Result
    ) rethrows -> Result {
        guard let correlation else { return try body() }
        return try $current.withValue(current.with(correlation)) { try body() }
    }
}

extension ServiceContext? {
    fileprivate func with(_ correlation: CorrelationID) -> ServiceContext {
        var context = self ?? .topLevel
        context.correlationID = correlation
        return context
    }
}

extension Logger.MetadataProvider {
    /// Adds the chain that is being worked on to every line, as `correlation`.
    public static let correlation = Logger.MetadataProvider {
        guard let correlation = ServiceContext.current?.correlationID else { return [:] }
        return ["correlation": "\(correlation)"]
    }
}
