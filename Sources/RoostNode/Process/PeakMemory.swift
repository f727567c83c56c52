#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The memory of this process.
package enum PeakMemory {
    /// Bytes that were resident at most so far.
    package static var bytes: UInt64 {
        var usage = rusage()
        #if canImport(Glibc)
            let (whose, unit) = (Int32(RUSAGE_SELF.rawValue), UInt64(1024))
        #elseif canImport(Musl)
            let (whose, unit) = (RUSAGE_SELF, UInt64(1024))
        #else
            let (whose, unit) = (RUSAGE_SELF, UInt64(1))
        #endif
        let failed = getrusage(whose, &usage) != 0
        return failed ? 0 : UInt64(usage.ru_maxrss) * unit
    }
}
