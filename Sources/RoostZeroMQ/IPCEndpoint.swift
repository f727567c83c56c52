internal import Glibc
internal import RoostCore

/// Where a Unix socket lives: in a directory that only its owner can enter.
package enum IPCEndpoint {
    /// What a Unix socket's address holds.
    package static let pathBytesMax = 107

    /// `ipc://DIRECTORY/NAME`, or, where that would be too long, the same name in a short directory under
    /// `temporary`, which depends on `directory` alone: every process finds the same one. The directory is made with
    /// mode 0700; one that belongs to somebody else is refused.
    package static func make(
        directory: String, name: String, temporary: String = "/tmp"
    ) throws(ZeroMQError) -> String {
        var chosen = directory
        if "\(directory)/\(name)".utf8.count > pathBytesMax {
            let digest = String(StableHash.finalized(StableHash.fnv1a(directory.utf8)), radix: 36)
            chosen = "\(temporary)/roost-\(getuid())-\(digest)"
        }
        let path = "\(chosen)/\(name)"
        guard path.utf8.count <= pathBytesMax else {
            throw ZeroMQError(
                errno: ENAMETOOLONG, call: "bind",
                "the socket '\(name)' has no path of \(pathBytesMax) bytes; shorten it")
        }
        try makePrivate(chosen)
        return "ipc://\(path)"
    }

    /// Makes the directory, its parents too. One that is there already stays as it is, and must be private.
    private static func makePrivate(_ directory: String) throws(ZeroMQError) {
        var made = directory.hasPrefix("/") ? "" : "."
        for part in directory.split(separator: "/") {
            made += "/\(part)"
            guard unsafe mkdir(made, 0o700) != 0, errno != EEXIST else { continue }
            throw ZeroMQError(errno: errno, call: "mkdir", "the socket directory \(made) cannot be made")
        }
        var status = stat()
        guard unsafe lstat(directory, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == getuid()
        else {
            throw ZeroMQError(
                errno: EPERM, call: "lstat", "\(directory) is no directory of this user; remove it or choose another")
        }
        guard status.st_mode & 0o077 != 0 else { return }
        throw ZeroMQError(
            errno: EPERM, call: "lstat", "others can enter \(directory); run chmod 700 on it or choose another")
    }
}
