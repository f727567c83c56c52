internal import RoostCore

/// Tells the CURVE servers of a thread who may connect: libzmq asks it about every handshake (ZAP 1.0, RFC 27).
///
/// One list per thread. It lives as long as a server does.
final class AllowList {
    private enum Status: String {
        case allowed = "200"
        case denied = "400"
    }

    private static let endpoint = "inproc://zeromq.zap.01"
    /// Routing ID, delimiter, version, request, domain, address, identity, mechanism, key.
    private static let requestFrames = 9

    private let socket: Socket
    private let keys: Set<[UInt8]>
    private(set) var servers = 1

    /// Only on `thread`, before the first server is bound.
    init(_ allowed: Set<String>, on thread: SocketThread) throws(ZeroMQError) {
        keys = Set(allowed.compactMap(CurveKeyPair.bytes(ofPublicKey:)))
        socket = try Socket(.router, on: thread)
        do throws(ZeroMQError) {
            _ = try socket.bind(Self.endpoint)
        } catch {
            socket.close()
            throw error
        }
        socket.onReadable { [self] in answer() }
    }

    func addServer() { servers += 1 }

    /// Closes with the last server.
    func removeServer() {
        servers -= 1
        if servers == 0 { socket.close() }
    }

    private func answer() {
        do throws(ZeroMQError) {
            guard let request = try socket.receive(framesMax: Self.requestFrames), request.count > 3 else { return }
            let isAllowed = request.count == Self.requestFrames && keys.contains(Self.key(request[8]))
            let status = isAllowed ? Status.allowed : .denied
            let reply = [Bytes("1.0"), request[3].whole, Bytes(status.rawValue), Bytes(""), Bytes(""), Bytes("")]
            _ = try socket.send([request[0].whole, Bytes("")] + reply)
        } catch {
            // Nobody is let in without an answer, and the peer tries again.
        }
    }

    private static func key(_ frame: SharedBytes) -> [UInt8] { unsafe frame.withUnsafeBytes { unsafe Array($0) } }
}
