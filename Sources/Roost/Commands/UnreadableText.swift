import ArgumentParser
import RoostTrace

/// Says at the end of an answer which partitions it lacks.
enum UnreadableText {
    static func lines(_ unreadable: [UnreadablePartition]) -> String {
        unreadable.map { Paint.bad($0.text) + "\n" }.joined()
            + (unreadable.isEmpty ? "" : "next: roost log verify\n")
    }

    /// An answer that lacks a part ends the command with 1, after it was shown.
    static func fail(_ unreadable: [UnreadablePartition]) throws {
        if !unreadable.isEmpty { throw ExitCode(1) }
    }
}
