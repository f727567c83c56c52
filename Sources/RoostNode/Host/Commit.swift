package import RoostCore
package import RoostLog
import RoostTrace

/// One commit under construction: the events of some commands, and every answer that must not leave before it.
///
/// Handed from the host to the log writer and on to the publisher; only its current owner touches it.
package final class Commit: @unchecked Sendable {
    // @unchecked: one owner at a time, handed over through queues.

    /// What is noted of a refusal once it is told. A class, because few replies have one and all are as large as the largest.
    package final class Refused: Sendable {
        let command: RejectedCommand
        init(_ command: RejectedCommand) { self.command = command }
    }

    /// An answer that waits for this commit.
    package enum Reply: Sendable {
        /// The command is an entry of the batch.
        case stored(port: any AnswerPort, number: UInt64, entry: Int, correlationID: CorrelationID)
        /// The command was stored before, perhaps in a commit still in flight: the log knows once this one is done.
        case repeated(port: any AnswerPort, number: UInt64, context: CommandContext)
        /// Decided already (a rejection, say), but on state that this or an earlier commit makes durable.
        case decided(port: any AnswerPort, answer: CommandAnswer, refusal: Refused? = nil)
    }

    package let batch = AppendBatch()
    package var replies: [Reply] = []
    /// When its first command was taken.
    var openedAt = Timestamp(nanoseconds: 0)
    /// Streams of which a snapshot is due when this commit has settled.
    package var snapshots: [StreamName] = []
    /// Which life of the host's aggregates decided it: a failed commit fails all of its life.
    package let generation: UInt64
    /// The number of this commit in its host, from 1.
    package let number: UInt64

    package init(generation: UInt64, number: UInt64) {
        self.generation = generation
        self.number = number
    }

    package var isEmpty: Bool { replies.isEmpty }
}

/// What left the log writer: a commit and the answer to each of its replies.
package struct SettledCommit: Sendable {
    package let commit: Commit
    package let answers: [(port: any AnswerPort, answer: CommandAnswer)]
}
