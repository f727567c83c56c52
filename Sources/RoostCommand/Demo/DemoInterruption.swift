import Foundation
import Synchronization

/// Ctrl-C ends the command that runs now; the demo then stops its cluster instead of leaving it behind.
enum DemoInterruption {
    private static let isRequested = Atomic<Bool>(false)

    static func watch() {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { _ in DemoInterruption.isRequested.store(true, ordering: .relaxed) }
        }
    }

    static func check() throws {
        guard !isRequested.load(ordering: .relaxed) else { throw RoostTool.Failed(description: "interrupted") }
    }
}
