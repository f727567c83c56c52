import Foundation

/// Base64 of bytes in memory.
enum Base64 {
    static func text(_ bytes: UnsafeRawBufferPointer) -> String { Data(bytes).base64EncodedString() }
    static func bytes(_ text: String) -> [UInt8]? { Data(base64Encoded: text).map { Array($0) } }
}
