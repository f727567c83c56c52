#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The right to work at the generation after the live one: a rebuild has it while it makes that, the live process while it goes over
/// to it. The kernel takes it back when a process ends, however it ends.
final class GenerationLock: Sendable {
    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { _ = close(descriptor) }

    /// nil while somebody else has it.
    static func take(at path: String) throws -> GenerationLock? {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw ReaderFailure("cannot open \(path): \(String(cString: strerror(errno))); see roost doctor")
        }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return GenerationLock(descriptor: descriptor) }
        let code = errno
        _ = close(descriptor)
        guard code == EWOULDBLOCK else {
            throw ReaderFailure("cannot lock \(path): \(String(cString: strerror(code)))")
        }
        return nil
    }
}
