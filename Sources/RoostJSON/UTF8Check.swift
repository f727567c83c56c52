/// Refuses bytes that are no UTF-8, which `String` would silently repair.
enum UTF8Check {
    static func check(_ bytes: UnsafeBufferPointer<UInt8>) throws(ScanProblem) {
        guard !JSONText.isASCII(bytes) else { return }
        do {
            _ = try UTF8Span(validating: bytes.span)
        } catch {
            throw ScanProblem(offset: error.byteOffsets.lowerBound, expected: "text in UTF-8")
        }
    }
}
