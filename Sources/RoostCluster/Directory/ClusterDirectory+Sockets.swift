import Foundation
import RoostCore

extension ClusterDirectory {
    /// The longest path a Unix socket can have, without its closing zero.
    static let socketPathBytesMax = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1
    /// Room for a slash, the name of a process, what it is for, and `.sock`.
    private static let socketNameBytesMax = 63

    /// Whether `run` is short enough for sockets.
    public var socketsFitIntoRun: Bool { run.utf8.count + Self.socketNameBytesMax <= Self.socketPathBytesMax }

    /// Where the sockets are: `run`, or a short directory under the temporary one when that would be too long.
    public var sockets: String {
        if socketsFitIntoRun { return run }
        let hash = StableHash.finalized(StableHash.fnv1a(path.utf8))
        return "/tmp/roost-\(getuid())-" + String(hash, radix: 36)
    }

    /// The socket on which the supervisor takes requests.
    public var controlSocket: String { sockets + "/control.sock" }

    /// Makes the directory of the sockets; only its owner may enter, and only an owner's own directory is used.
    func createSockets() throws(ClusterError) {
        guard !socketsFitIntoRun else { return }
        guard mkdir(sockets, 0o700) == 0 || errno == EEXIST else {
            throw ClusterError(SystemCallError("mkdir", sockets))
        }
        var info = stat()
        guard lstat(sockets, &info) == 0, info.st_uid == getuid(), info.st_mode & S_IFMT == S_IFDIR,
            info.st_mode & 0o077 == 0
        else {
            throw ClusterError(
                .failed, "\(sockets) is not a directory that is yours alone; sockets cannot be made there",
                next: "set ROOST_HOME to a shorter path")
        }
    }
}
