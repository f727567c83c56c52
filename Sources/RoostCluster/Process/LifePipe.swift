import Foundation

/// Tells a child that its parent is gone, however the parent ended: the child's standard input reaches its end.
public enum LifePipe {
    /// Calls `onEnd` once, on a thread of its own, when `descriptor` reaches its end.
    public static func watch(descriptor: Int32 = 0, onEnd: @escaping @Sendable () -> Void) {
        let thread = Thread {
            waitForEnd(descriptor)
            onEnd()
        }
        thread.name = "life-pipe"
        thread.stackSize = 1 << 19
        thread.start()
    }

    private static func waitForEnd(_ descriptor: Int32) {
        var byte: UInt8 = 0
        while true {
            let count = read(descriptor, &byte, 1)
            if count == 0 || (count < 0 && errno != EINTR) { return }
        }
    }
}
