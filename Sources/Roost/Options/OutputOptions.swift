import ArgumentParser
import Foundation
import RoostClient

/// Where and how a result is shown.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print a JSON document.")
    var json = false

    @Option(name: [.customShort("o"), .long], help: "Write the result to this file.")
    var output: String?

    /// Shows a document: as JSON if asked for, as text otherwise.
    func show(_ document: some Encodable, text: () throws -> String) throws {
        try put(json ? DocumentText.pretty(document) : Array(try text().utf8))
    }

    func put(_ bytes: [UInt8]) throws {
        guard let output else { return Terminal.write(bytes, to: STDOUT_FILENO) }
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: output))
        } catch {
            throw Failure(
                code: "outputFailed", message: "cannot write \(output): \(error.localizedDescription)",
                hint: "check that the directory exists and is writable", exitCode: 1)
        }
    }
}
