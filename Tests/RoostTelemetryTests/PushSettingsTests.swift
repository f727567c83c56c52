import Foundation
import Testing

@testable import RoostTelemetry

@Suite("What a push is told")
struct PushSettingsTests {
    @Test("The variables of OpenTelemetry say where spans go, those for traces first")
    func endpoints() throws {
        let base = "OTEL_EXPORTER_OTLP_ENDPOINT"
        let own = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
        #expect(try OTLPSettings(environment: [:], cluster: "shop") == nil)
        #expect(try OTLPSettings(environment: [base: ""], cluster: "shop") == nil)
        for (environment, endpoint) in [
            ([base: "http://localhost:4318"], "http://localhost:4318/v1/traces"),
            ([base: "https://host/otlp/"], "https://host/otlp/v1/traces"),
            ([own: "http://localhost:4318/any"], "http://localhost:4318/any"),
            ([base: "http://a:1", own: "http://b:2/"], "http://b:2/"),
        ] {
            #expect(try OTLPSettings(environment: environment, cluster: "shop")?.endpoint == endpoint)
        }
        for text in ["localhost:4318", "ftp://host", "http://", "grpc://host:4317", " "] {
            let error = #expect(throws: OTLPSettingError.self) {
                try OTLPSettings(environment: [base: text], cluster: "shop")
            }
            #expect(error?.description.contains("export \(base)=") == true, "\(text)")
        }
    }

    @Test("Headers are decoded, and a list that is none is an error that does not quote it")
    func headers() throws {
        func headers(_ text: String) throws -> [OTLPSettings.Header]? {
            let environment = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://a:1", "OTEL_EXPORTER_OTLP_HEADERS": text]
            return try OTLPSettings(environment: environment, cluster: "shop")?.headers
        }
        #expect(
            try headers("a=1, Authorization = Basic%20eA== ,") == [
                .init(name: "a", value: "1"), .init(name: "Authorization", value: "Basic eA=="),
            ])
        for text in ["secret", "=secret", "a b=secret", "a=secret%0d%0ab: c", "a=secret%zz"] {
            let error = #expect(throws: OTLPSettingError.self) { try headers(text) }
            #expect(error?.description.contains("secret") == false, "\(text)")
        }
    }

    @Test("Retry-After is a number of seconds or a date, and never negative or endless")
    func retryAfter() {
        let now = Date(timeIntervalSince1970: 784_111_777)
        #expect(OTLPCollector.wait("7", now: now) == .seconds(7))
        #expect(OTLPCollector.wait("Sun, 06 Nov 1994 08:50:37 GMT", now: now) == .seconds(60))
        #expect(OTLPCollector.wait("Sun, 06 Nov 1993 08:50:37 GMT", now: now) == .zero)
        #expect(OTLPCollector.wait("-3", now: now) == .zero)
        #expect(OTLPCollector.wait("999999999999", now: now) == .seconds(86_400))
        #expect(OTLPCollector.wait("soon", now: now) == nil && OTLPCollector.wait(nil, now: now) == nil)
    }
}
