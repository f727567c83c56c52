internal import RoostCore

/// Tells the CURVE servers of a thread who may connect: libzmq asks about every handshake (ZAP 1.0, RFC 27).
///
/// Every server has a domain of its own, and so a list of its own. Lives as long as its thread.
final class AllowList {
    private enum Status: String {
        case allowed = "200"
        case denied = "400"
    }

    private static let endpoint = "inproc://zeromq.zap.01"
    /// Routing ID, delimiter, version, request, domain, address, identity, mechanism, key.
    private static let requestFrames = 9

    private let socket: Socket
    private var keys: [[UInt8]: Set<[UInt8]>] = [:]

    /// Only on `thread`, before its first server.
    init(on thread: SocketThread) throws(ZeroMQError) {
        socket = try Socket(.router, on: thread)
        do throws(ZeroMQError) {
            _ = try socket.bind(Self.endpoint)
        } catch {
            socket.close()
            throw error
        }
        socket.onReadable { [unowned self] in answer() }
    }

    /// Lets the owners of these public keys connect to the server of a domain.
    func allow(_ allowed: Set<String>, in domain: String) {
        keys[Array(domain.utf8)] = Set(allowed.compactMap(CurveKeyPair.bytes(ofPublicKey:)))
    }

    func close() { socket.close() }

    private func answer() {
        do throws(ZeroMQError) {
            guard let request = try socket.receive(framesMax: Self.requestFrames), request.count > 3 else { return }
            let reply = [
                Bytes("1.0"), request[3].whole, Bytes(status(of: request).rawValue), Bytes(""), Bytes(""), Bytes(""),
            ]
            _ = try socket.send([request[0].whole, Bytes("")] + reply)
        } catch {
            // Nobody is let in without an answer, and the peer tries again.
        }
    }

    private func status(of request: [SharedBytes]) -> Status {
        guard request.count == Self.requestFrames, let allowed = keys[Self.bytes(request[4])] else { return .denied }
        return allowed.contains(Self.bytes(request[8])) ? .allowed : .denied
    }

    private static func bytes(_ frame: SharedBytes) -> [UInt8] { unsafe frame.withUnsafeBytes { unsafe Array($0) } }
}
