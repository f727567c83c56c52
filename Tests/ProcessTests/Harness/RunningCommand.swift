import Foundation
import Synchronization
import Testing

/// A program started by a test, with its output in files: nothing that it leaves behind can hold the test.
final class RunningCommand: Sendable {
    private let words: String
    private let files: (output: String, errors: String)
    private let pid: pid_t
    private let status = Mutex<Int32?>(nil)

    /// Starts `words` with this environment. `input` is its standard input, closed here once it is inherited.
    init(_ words: [String], environment: [String: String], input: Int32? = nil, files directory: String) throws {
        self.words = words.dropFirst().joined(separator: " ")
        let number = Self.numbers.wrappingAdd(1, ordering: .relaxed).newValue
        files = ("\(directory)/\(number).out", "\(directory)/\(number).err")
        pid = try Self.spawn(words, environment, input, files)
    }

    private static let numbers = Atomic<Int>(0)

    var processID: Int32 { pid }

    /// Whether it has not ended yet.
    var isRunning: Bool {
        status.withLock { status in
            guard status == nil else { return false }
            var word: Int32 = 0
            guard waitpid(pid, &word, WNOHANG) == pid else { return true }
            status = word & 0x7f == 0 ? (word >> 8) & 0xff : -(word & 0x7f)
            return false
        }
    }

    /// Waits for its end; kills it and fails when that takes too long.
    func finish(within limit: Duration = .seconds(120)) throws -> CommandResult {
        let deadline = ContinuousClock.now + limit
        while isRunning {
            guard ContinuousClock.now < deadline else {
                end()
                throw TestFailure("'\(words.prefix(200))' did not end within \(limit): \(text(files.errors))")
            }
            usleep(1000)
        }
        return CommandResult(
            words: words, exitCode: status.withLock { $0 } ?? 0, output: text(files.output),
            errors: text(files.errors))
    }

    /// What it has printed so far.
    var outputNow: String { text(files.output) }

    /// What Ctrl-C does.
    func interrupt() { if isRunning { kill(pid, SIGINT) } }

    /// Kills it, if it still runs.
    func end() {
        guard isRunning else { return }
        kill(pid, SIGKILL)
        while isRunning { usleep(1000) }
    }

    private func text(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }

    private static func spawn(
        _ words: [String], _ environment: [String: String], _ input: Int32?, _ files: (output: String, errors: String)
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_addopen(&actions, 1, files.output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, files.errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        let arguments = words.map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (arguments + variables).forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawnp(&pid, words[0], &actions, nil, arguments, variables)
        guard code == 0 else { throw TestFailure("cannot start \(words[0]): \(String(cString: strerror(code)))") }
        return pid
    }
}

/// How a program ended and what it said.
struct CommandResult: Sendable {
    let words: String
    /// Negative: the signal that ended it.
    let exitCode: Int32
    let output: String
    let errors: String

    /// Throws unless it ended with this code.
    @discardableResult
    func expecting(_ code: Int32) throws -> CommandResult {
        guard exitCode == code else {
            throw TestFailure("'\(words.prefix(200))' ended with \(exitCode) instead of \(code)\n\(output)\(errors)")
        }
        return self
    }

    /// What it printed, as a document.
    func document<Value: Document>(_ type: Value.Type) throws -> Value {
        let value: Value
        do {
            value = try JSONDecoder().decode(type, from: Data(output.utf8))
        } catch {
            throw TestFailure("'\(words.prefix(200))' printed no \(Value.schemaName): \(error)\n\(output)\(errors)")
        }
        try #require(value.schema == Value.schemaName)
        return value
    }
}

/// Why a test cannot go on, in words.
struct TestFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Looks again and again until the condition holds; fails with `what` when the time is over.
func eventually(
    _ what: @autoclosure () -> String, within limit: Duration = .seconds(60), _ condition: () throws -> Bool
) throws {
    let deadline = ContinuousClock.now + limit
    while try !condition() {
        guard ContinuousClock.now < deadline else { throw TestFailure("never happened within \(limit): \(what())") }
        usleep(2000)
    }
}
