import Foundation

/// Looks for many texts in files at once, byte by byte: in databases, their side files and logs.
struct PlaintextSearch {
    /// Shorter texts are found everywhere, so they say nothing.
    static let bytesMin = 4
    private static let chunkBytes = 1 << 20

    private let byPrefix: [UInt32: [[UInt8]]]
    private let longest: Int

    /// Texts of at least `bytesMin` bytes.
    init(_ texts: some Sequence<String>) {
        let patterns = texts.map { Array($0.utf8) }.filter { $0.count >= Self.bytesMin }
        byPrefix = Dictionary(grouping: patterns) { $0.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) } }
        longest = patterns.map(\.count).max() ?? 0
    }

    /// The texts that a file holds.
    func hits(in path: String) throws -> Set<String> {
        guard longest > 0 else { return [] }
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        var found: Set<String> = []
        var window: [UInt8] = []
        while let chunk = try file.read(upToCount: Self.chunkBytes), !chunk.isEmpty {
            window += chunk
            window.withUnsafeBytes { found.formUnion(hits(in: $0)) }
            // What begins at the end of this chunk may end in the next.
            window = Array(window.suffix(longest - 1))
        }
        return found
    }

    /// The texts that stand in `bytes`.
    func hits(in bytes: UnsafeRawBufferPointer) -> Set<String> {
        guard longest > 0, bytes.count >= Self.bytesMin else { return [] }
        var found: Set<String> = []
        for start in 0...(bytes.count - Self.bytesMin) {
            guard let patterns = byPrefix[bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self)] else { continue }
            for pattern in patterns where bytes[start...].starts(with: pattern) {
                found.insert(String(decoding: pattern, as: UTF8.self))
            }
        }
        return found
    }
}
