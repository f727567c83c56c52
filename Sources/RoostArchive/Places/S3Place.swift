import Foundation
package import RoostLog
import Synchronization

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Archives in a bucket of S3, or of a server that speaks its protocol.
///
/// An object is durable when S3 has answered. What a busy server refuses is asked again, once more.
package struct S3Place: ArchivePlace {
    private static let attemptsMax = 2
    private static let timeoutSeconds = 8.0
    private static let pauseMicroseconds: UInt32 = 300_000
    private static let session = {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = timeoutSeconds
        return URLSession(configuration: configuration)
    }()

    private let target: S3Address
    private let credentials: S3Signature.Credentials

    /// Credentials come from the environment: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, for temporary ones,
    /// `AWS_SESSION_TOKEN`.
    package init(_ target: S3Address, environment: [String: String]) throws(EventLogError) {
        guard let credentials = S3Signature.Credentials(environment: environment) else {
            throw EventLogError(
                .unavailable,
                "no credentials for \(target.location): set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, also where "
                    + "'roost up' is called, as the processes of the cluster read archives too")
        }
        self.target = target
        self.credentials = credentials
    }

    package var address: String { target.description }
    package var location: String { target.location }

    package func read(_ name: String) throws(EventLogError) -> [UInt8]? {
        let answer = try ask("GET", name)
        return answer.status == 404 ? nil : try checked(answer, name).body
    }

    package func read(_ name: String, from offset: Int, bytes: Int) throws(EventLogError) -> [UInt8]? {
        let answer = try ask("GET", name, ["Range": "bytes=\(offset)-\(offset + bytes - 1)"])
        switch answer.status {
        case 404: return nil
        // The file ends before.
        case 416: return []
        // A server that does not know ranges sends everything.
        case 200: return Array(answer.body.dropFirst(offset).prefix(bytes))
        default: return try checked(answer, name).body
        }
    }

    package func size(of name: String) throws(EventLogError) -> Int? {
        let answer = try ask("HEAD", name)
        return answer.status == 404 ? nil : try checked(answer, name).length
    }

    package func write(_ bytes: [UInt8], to name: String) throws(EventLogError) {
        _ = try checked(try ask("PUT", name, body: bytes), name)
    }

    package func create(_ bytes: [UInt8], at name: String) throws(EventLogError) -> Bool {
        // Servers that do not know the condition would write.
        guard try size(of: name) == nil else { return false }
        let answer = try ask("PUT", name, ["If-None-Match": "*"], body: bytes)
        if answer.status == 412 || answer.status == 409 { return false }
        _ = try checked(answer, name)
        return true
    }

    package func remove(_ name: String) throws(EventLogError) {
        let answer = try ask("DELETE", name)
        if answer.status != 404 { _ = try checked(answer, name) }
    }

    private struct Answer: Sendable {
        let status: Int
        let body: [UInt8]
        /// As its header says.
        let length: Int?

        /// What the server calls the problem.
        var code: String? {
            let text = String(decoding: body.prefix(4096), as: UTF8.self)
            guard let start = text.range(of: "<Code>"), let end = text.range(of: "</Code>"),
                start.upperBound <= end.lowerBound
            else { return nil }
            return String(text[start.upperBound..<end.lowerBound])
        }
    }

    private func checked(_ answer: Answer, _ name: String) throws(EventLogError) -> Answer {
        guard !(200..<300).contains(answer.status) else { return answer }
        let reason = answer.code.map { ", \($0)" } ?? ""
        let next = answer.status == 403 ? ": check the credentials and what they allow" : ""
        throw EventLogError(
            .unavailable, "\(target.location)\(name): the server answered \(answer.status)\(reason)\(next)")
    }

    private func ask(
        _ method: String, _ name: String, _ headers: [String: String] = [:], body: [UInt8] = []
    ) throws(EventLogError) -> Answer {
        var attempt = 1
        while true {
            let answer = send(try request(method, name, headers, body))
            if case .success(let answer) = answer, answer.status < 500 { return answer }
            if attempt == Self.attemptsMax {
                switch answer {
                case .success(let answer): return answer
                case .failure(let error):
                    throw EventLogError(
                        .unavailable,
                        "\(target.location) cannot be reached at \(target.target(of: name).host): \(Self.words(error))")
                }
            }
            usleep(Self.pauseMicroseconds * UInt32(attempt))
            attempt += 1
        }
    }

    private static func words(_ error: any Error) -> String {
        switch (error as? URLError)?.code {
        case .cannotConnectToHost: "nobody listens there"
        case .cannotFindHost, .dnsLookupFailed: "there is no such host"
        case .timedOut: "no answer in \(Int(timeoutSeconds)) s"
        case let code?: "error \(code.rawValue)"
        case nil: "\(error)"
        }
    }

    private func request(
        _ method: String, _ name: String, _ more: [String: String], _ body: [UInt8]
    ) throws(EventLogError) -> URLRequest {
        let (text, host, path) = target.target(of: name)
        guard let url = URL(string: text) else { throw EventLogError(.invalid, "\(text) is no address") }
        let signature = S3Signature(
            credentials: credentials, region: target.region, time: S3Signature.time(Date()))
        var request = URLRequest(url: url)
        request.httpMethod = method
        let headers = signature.headers(
            method: method, host: host, path: path, bodySHA256: ArchiveDigest.of(body))
        for (name, value) in headers.merging(more, uniquingKeysWith: { $1 }) {
            request.setValue(value, forHTTPHeaderField: name)
        }
        if method == "PUT" {
            request.httpBody = Data(body)
            request.setValue("application/octet-stream", forHTTPHeaderField: "Content-Type")
        }
        return request
    }

    /// Waits for the answer: reading a log is a call that returns with its events.
    private func send(_ request: URLRequest) -> Result<Answer, any Error> {
        let done = DispatchSemaphore(value: 0)
        let result = Mutex<Result<Answer, any Error>>(.failure(URLError(.unknown)))
        let task = Self.session.dataTask(with: request) { data, response, error in
            result.withLock { result in
                if let error {
                    result = .failure(error)
                } else if let response = response as? HTTPURLResponse {
                    let length = response.value(forHTTPHeaderField: "Content-Length").flatMap { Int($0) }
                    result = .success(
                        Answer(status: response.statusCode, body: Array(data ?? Data()), length: length))
                }
            }
            done.signal()
        }
        task.resume()
        done.wait()
        return result.withLock { $0 }
    }
}
