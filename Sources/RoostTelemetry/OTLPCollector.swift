import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import RoostJSON
import RoostTrace

/// The collector at the other end, as the protocol defines its answers.
struct OTLPCollector {
    let client: HTTPClient
    let settings: OTLPSettings

    enum Answer: Equatable {
        /// Taken, but for so many spans, and why.
        case taken(rejected: Int, reason: String?)
        /// To be sent again, not before this has passed.
        case busy(reason: String, wait: Duration?)
        /// Will never be taken.
        case refused(reason: String)
    }

    private static let answerBytesMax = 64 << 10
    private static let reasonMax = 500
    /// Longer waits than this cannot be meant.
    private static let waitSecondsMax: Int64 = 24 * 3600

    /// Redirects are not followed: they would turn the request into a `GET`. Requests are no spans themselves.
    static func configuration(_ settings: OTLPSettings) -> HTTPClient.Configuration {
        let timeout = TimeAmount(settings.timeout)
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: timeout, read: timeout))
        configuration.tracing.tracer = nil
        return configuration
    }

    /// Sends one batch once. Throws for what is wrong here, and `CancellationError`.
    func send(_ spans: OTLPTraces) async throws -> Answer {
        var request = HTTPClientRequest(url: settings.endpoint)
        request.method = .POST
        for header in settings.headers { request.headers.add(name: header.name, value: header.value) }
        request.headers.replaceOrAdd(name: "content-type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: try JSONPayloadEncoder().bytes(spans)))
        do {
            let deadline = NIODeadline.now() + TimeAmount(settings.timeout)
            let response = try await client.execute(request, deadline: deadline)
            return await Self.answer(response)
        } catch let error as CancellationError {
            throw error
        } catch {
            return .busy(reason: "\(error)", wait: nil)
        }
    }

    private static func answer(_ response: HTTPClientResponse) async -> Answer {
        let body = await text(response)
        switch response.status.code {
        case 200..<300: return taken(body)
        case 429, 502, 503, 504:
            return .busy(reason: reason(response.status, body), wait: wait(response.headers.first(name: "retry-after")))
        default: return .refused(reason: reason(response.status, body))
        }
    }

    /// What an answer says is for people: an answer that breaks off is none the less an answer.
    private static func text(_ response: HTTPClientResponse) async -> String {
        do {
            return String(buffer: try await response.body.collect(upTo: answerBytesMax))
        } catch {
            return ""
        }
    }

    private static func reason(_ status: HTTPResponseStatus, _ body: String) -> String {
        let words = body.trimmingCharacters(in: .whitespacesAndNewlines).prefix(reasonMax)
        return words.isEmpty ? "\(status)" : "\(status): \(words)"
    }

    private struct Taken: Decodable {
        struct Partial: Decodable {
            let rejectedSpans: JSONValue?
            let errorMessage: String?
        }
        let partialSuccess: Partial?
    }

    /// A collector need not say anything; a number of 64 bits may be a text.
    private static func taken(_ body: String) -> Answer {
        let partial: Taken.Partial?
        do {
            partial = try JSONPayloadDecoder().decode(Taken.self, from: Array(body.utf8)).partialSuccess
        } catch {
            partial = nil
        }
        switch partial?.rejectedSpans {
        case .integer(let count): return .taken(rejected: Int(clamping: count), reason: partial?.errorMessage)
        case .string(let count): return .taken(rejected: Int(count) ?? 0, reason: partial?.errorMessage)
        default: return .taken(rejected: 0, reason: partial?.errorMessage)
        }
    }

    /// Seconds, or a date as HTTP writes it.
    static func wait(_ retryAfter: String?, now: Date = Date()) -> Duration? {
        guard let retryAfter else { return nil }
        if let seconds = Int64(retryAfter) { return .seconds(min(max(0, seconds), waitSecondsMax)) }
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(secondsFromGMT: 0)
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        guard let date = format.date(from: retryAfter) else { return nil }
        let seconds = min(max(0, date.timeIntervalSince(now).rounded(.up)), Double(waitSecondsMax))
        return .seconds(Int64(seconds))
    }
}
