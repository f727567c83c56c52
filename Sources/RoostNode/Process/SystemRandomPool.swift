import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Randomness of the system, fetched for several numbers at once: a system call each costs more than all the rest of
/// making an identifier. Whoever holds a copy draws from the same pool, so no number is given out twice.
package final class SystemRandomPool: RandomNumberGenerator, Sendable {
    /// 256 bytes: so many always come whole.
    private static let wordCount = 32

    private struct State {
        var words = [UInt64](repeating: 0, count: wordCount)
        var used = wordCount
    }

    private let state = Mutex(State())

    package init() {}

    package func next() -> UInt64 {
        state.withLock { state in
            if state.used == Self.wordCount {
                let result = state.words.withUnsafeMutableBytes { getentropy($0.baseAddress, $0.count) }
                precondition(result == 0, "the system has no randomness: error \(errno)")
                state.used = 0
            }
            defer { state.used += 1 }
            return state.words[state.used]
        }
    }
}
