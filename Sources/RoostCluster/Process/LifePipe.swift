import Foundation

/// The child's end of its standard input: a line is an order, the end says that the parent is gone, however it ended.
public enum LifePipe {
    /// A line longer than this is dropped: the supervisor sends none.
    private static let lineBytesMax = 1 << 20

    /// Calls `onOrder` for every line and, once, `onEnd` when `descriptor` reaches its end; on a thread of its own.
    public static func watch(
        descriptor: Int32 = 0, onOrder: @escaping @Sendable (ProcessOrder) -> Void = { _ in },
        onEnd: @escaping @Sendable () -> Void
    ) {
        let thread = Thread {
            readOrders(descriptor, onOrder)
            onEnd()
        }
        thread.name = "life-pipe"
        thread.stackSize = 1 << 19
        thread.start()
    }

    private static func readOrders(_ descriptor: Int32, _ onOrder: (ProcessOrder) -> Void) {
        var unread: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 12)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            unread.append(contentsOf: buffer[..<count])
            while let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                order(in: Array(unread[..<end])).map(onOrder)
                unread.removeSubrange(...end)
            }
            if unread.count > lineBytesMax { unread.removeAll() }
        }
    }

    /// nil for what only another version understands.
    private static func order(in line: [UInt8]) -> ProcessOrder? {
        do { return try JSONText.decode(ProcessOrder.self, from: line) } catch { return nil }
    }
}
