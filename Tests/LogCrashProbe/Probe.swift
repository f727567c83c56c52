import Foundation
import RoostCore
import RoostLog
import RoostLogSQLite
import RoostTesting

/// A process that appends to partition 2 of a log until it is killed, or until its files may grow no further.
///
///     LogCrashProbe PATH ROUND
///
/// Prints one line for each acknowledged command, `ROUND-NUMBER POSITION`, and for each failed append its code.
@main
enum Probe {
    static func main() async throws {
        let (path, round) = (CommandLine.arguments[1], CommandLine.arguments[2])
        // A write beyond the limit of file sizes is then an error instead of a signal.
        signal(SIGXFSZ, SIG_IGN)
        let writer = try await SQLiteLog.open(at: path).claim(PartitionID(2), .sample())
        var (number, failures) = (0, 0)
        for size in sizes {
            do {
                try await append(size, &number, round, writer)
            } catch let error as EventLogError {
                say("error \(error.code == .outcomeUnknown ? "outcomeUnknown" : error.message)\n")
                failures += 1
            }
            if failures == 2 { return }
        }
    }

    /// Batch sizes without end: 1 to 40, in no simple order.
    private static var sizes: some Sequence<Int> {
        sequence(first: 1) { ($0 * 17 + 5) % 41 }.lazy.filter { $0 > 0 }
    }

    private static func append(
        _ size: Int, _ number: inout Int, _ round: String, _ writer: any PartitionWriter
    ) async throws {
        let proposals = (number..<number + size).map {
            Proposal.sample(to: "stock/\($0 % 50)", command: "\(round)-\($0)", events: 1 + $0 % 3)
        }
        number += size
        let outcomes = try await writer.append(proposals, at: Timestamp(seconds: 1_700_000_000))
        var lines = ""
        for (proposal, outcome) in zip(proposals, outcomes) {
            guard case .committed(_, let position) = outcome else { continue }
            lines += "\(proposal.context.commandID) \(position)\n"
        }
        say(lines)
    }

    private static func say(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
}
