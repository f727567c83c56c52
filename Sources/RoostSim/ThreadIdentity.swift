#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Remembers the thread it was made on.
struct ThreadIdentity: @unchecked Sendable {
    // @unchecked: a thread handle is compared, never used.
    private let thread = pthread_self()
    var isCurrent: Bool { pthread_equal(thread, pthread_self()) != 0 }
}
